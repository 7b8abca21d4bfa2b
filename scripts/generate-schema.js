import { fileURLToPath } from 'node:url'

/**
 * A schema of `count` tables of ten columns with keys, foreign keys, indexes, checks, comments and triggers, and a view and a function
 * for every tenth: the same text for the same numbers. With `changed`, ten differences: what a migration of one release might hold.
 */
export function generateSchema(count, { changed = false } = {}) {
  const numbers = Array.from({ length: count }, (_, i) => i)
  const spread = (part) => Math.floor((count * part) / 10)
  const changes = changed
    ? {
        addColumn: new Set([spread(1), spread(2)]),
        addIndex: new Set([spread(3), spread(4)]),
        widen: spread(5),
        otherDefault: spread(6),
        otherComment: spread(7),
        otherCheck: spread(8),
      }
    : { addColumn: new Set(), addIndex: new Set() }
  return `${[
    ...head(),
    ...numbers.map((i) => table(i, changes)),
    ...numbers.map((i) => indexes(i, changes)),
    ...numbers.map((i) => foreignKeys(i)),
    ...numbers.filter((i) => i % 10 === 0).map((i) => view(i, changed && i === 0)),
    ...numbers.filter((i) => i % 10 === 0).map((i) => routine(i)),
    ...numbers.filter((i) => i % 5 === 0).map((i) => trigger(i)),
    ...numbers.map((i) => comments(i, changes)),
    ...(changed ? ['create table app.added (\n  id bigint generated always as identity primary key,\n  note text not null\n);'] : []),
  ].join('\n\n')}\n`
}

const name = (i) => `entity_${String(i).padStart(5, '0')}`

function head() {
  return [
    'create schema app;',
    `create type app.state as enum ('draft', 'active', 'archived');`,
    `create function app.touch() returns trigger language plpgsql as $$
begin
  new.changed = now();
  return new;
end
$$;`,
  ]
}

function table(i, { addColumn, widen, otherDefault, otherCheck }) {
  return `create table app.${name(i)} (
  id bigint generated always as identity,
  parent_id bigint,
  owner_id bigint not null,
  code varchar(${i === widen ? 60 : 40}) not null,
  title text not null default '${i === otherDefault ? 'untitled' : ''}',
  state app.state not null default 'draft',
  amount numeric(12,2) not null default 0,
  payload jsonb not null default '{}',
  created timestamptz not null default now(),
  changed timestamptz,${addColumn.has(i) ? '\n  remark text,' : ''}
  constraint ${name(i)}_pkey primary key (id),
  constraint ${name(i)}_code_key unique (code),
  constraint ${name(i)}_amount_check check (amount ${i === otherCheck ? '>' : '>='} ${i === otherCheck ? -1 : 0})
);`
}

function indexes(i, { addIndex }) {
  return [
    `create index ${name(i)}_owner_idx on app.${name(i)} (owner_id, created desc);`,
    `create index ${name(i)}_active_idx on app.${name(i)} (lower(title)) where state = 'active';`,
    ...(addIndex.has(i) ? [`create index ${name(i)}_payload_idx on app.${name(i)} using gin (payload);`] : []),
  ].join('\n')
}

function foreignKeys(i) {
  return [
    `alter table app.${name(i)} add constraint ${name(i)}_parent_fkey foreign key (parent_id) references app.${name(Math.max(0, i - 1))} (id) on delete cascade;`,
    `alter table app.${name(i)} add constraint ${name(i)}_owner_fkey foreign key (owner_id) references app.${name(Math.floor(i / 2))} (id);`,
  ].join('\n')
}

function view(i, changed) {
  return `create view app.${name(i)}_active as
select e.id, e.code, e.title, e.amount, o.title as owner_title${changed ? ', e.created' : ''}
from app.${name(i)} e join app.${name(Math.floor(i / 2))} o on o.id = e.owner_id
where e.state = 'active';`
}

function routine(i) {
  return `create function app.${name(i)}_total(wanted app.state) returns numeric language sql stable as $$
  select coalesce(sum(amount), 0) from app.${name(i)} where state = wanted
$$;`
}

function trigger(i) {
  return `create trigger touch before update on app.${name(i)} for each row execute function app.touch();`
}

function comments(i, { otherComment }) {
  return [
    `comment on table app.${name(i)} is 'Entity ${i}${i === otherComment ? ', of the second sort' : ''}';`,
    `comment on column app.${name(i)}.code is 'Known to users as number ${i}';`,
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2])
  if (!Number.isInteger(count) || count < 1) {
    console.error('Usage: node scripts/generate-schema.js TABLES [--changed]')
    process.exitCode = 64
  } else process.stdout.write(generateSchema(count, { changed: process.argv.includes('--changed') }))
}
