-- Who changed what. A trigger on documentos writes it.
create table audit_log (
  id         bigint primary key generated always as identity,
  tabla      text not null,
  fila       uuid not null,
  operacion  text not null,
  antes      jsonb,
  despues    jsonb,
  usuario    text not null default current_user,
  momento    timestamptz not null default now(),
  constraint operación_conocida check (operacion in ('INSERT', 'UPDATE', 'DELETE'))
);
create index audit_log_por_fila on audit_log (tabla, fila, momento);
comment on table audit_log is 'Cada cambio de un documento, para siempre';

create function anotar_cambio() returns trigger
language plpgsql as $$
begin
  insert into audit_log (tabla, fila, operacion, antes, despues)
  values (
    tg_table_name,
    coalesce(new.id, old.id),
    tg_op,
    case when tg_op <> 'INSERT' then to_jsonb(old) end,
    case when tg_op <> 'DELETE' then to_jsonb(new) end
  );
  return null;
end
$$;
comment on function anotar_cambio() is 'Escribe en audit_log';

create trigger documentos_auditados
after insert or update or delete on documentos
for each row execute function anotar_cambio();
