create schema «schema a»;
create type «schema a».«a.rel cents»;
create function «schema a».«a.fn cents_in»(cstring) returns «schema a».«a.rel cents» language internal immutable strict as 'textin';
create function «schema a».«a.fn cents_out»(«schema a».«a.rel cents») returns cstring language internal immutable strict as 'textout';
create type «schema a».«a.rel cents» (input = «schema a».«a.fn cents_in», output = «schema a».«a.fn cents_out», internallength = variable, alignment = int4, default = 'x');
