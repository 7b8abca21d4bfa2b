-- A store of documents. Statements may stand in any order, over any number of files.
create extension if not exists vector;

create type estado as enum ('borrador', 'publicado', 'archivado');
comment on type estado is 'Dónde está un documento en su publicación';

create table documentos (
  id         uuid primary key default gen_random_uuid(),
  titulo     text not null,
  idioma     text not null default 'español',
  estado     estado not null default 'borrador',
  etiquetas  text[] not null default '{}',
  creado     timestamptz not null default now(),
  modificado timestamptz not null default now(),
  constraint titulo_no_vacío check (titulo <> ''),
  constraint idioma_conocido check (idioma in ('español', 'português', 'français', 'english'))
);
comment on table documentos is 'Documentos tal como llegaron; sus fragmentos llevan los vectores';
comment on column documentos.etiquetas is 'Palabras libres, sin orden';

create index documentos_por_estado on documentos (estado, creado desc);

create view documentos_publicados as
select d.id, d.titulo, d.idioma, d.creado, count(f.id) as fragmentos
from documentos d
left join fragmentos f on f.documento_id = d.id
where d.estado = 'publicado'
group by d.id;
comment on view documentos_publicados is 'Lo que la búsqueda puede mostrar';
