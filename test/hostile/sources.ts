/** A small project whose every file is worth spoiling: most of what SQL and YAML can say stands somewhere in them. */
export const SOURCES = {
  'schema/a.sql': `-- The shop, as SQL.
create schema shop;
create type shop.mood as enum ('sad', 'ok', 'it''s fine');
create domain shop.code as text check (value ~ '^[A-Z]{2}$');
-- @renamed from customers
create table shop.customer (
  id bigint generated always as identity primary key,
  name varchar(40) not null default 'nobody', /* a comment /* within */ one */
  mood shop.mood not null default 'ok',
  country shop.code,
  born date default '2020-01-01',
  twice bigint generated always as (id * 2) stored,
  constraint positive check (id > 0 and name <> '$$;')
) with (fillfactor = 80);
comment on table shop.customer is E'who\\nbuys';
create index customer_name on shop.customer (lower(name)) where mood <> 'sad';
create view shop.happy as
  select c.id, c.name, case when c.mood = 'ok' then 1 else 0 end as score from shop.customer c where not c.mood = 'sad';
create function shop.greet(who text, times integer default 1) returns text language plpgsql stable as $body$
declare
  greeting text := 'Hi';
begin
  for i in 1..times loop
    greeting := greeting || ' ' || who; -- and again
  end loop;
  return greeting;
end
$body$;
create trigger touch before update on shop.customer for each row when (old.name is distinct from new.name) execute function suppress_redundant_updates_trigger();
alter table shop.customer enable row level security;
create policy own on shop.customer for select using (name = current_user);
grant select on shop.customer to public;
`,
  'schema/b.yaml': `# The rest, as YAML.
schema: shop
tables:
  item:
    comment: what is sold
    columns:
      id: bigint primary key generated always as identity
      customer: bigint not null
      title:
        type: text
        notNull: true
        default: "'untitled'"
        comment: "on the label: short"
      price: numeric(10,2)
    checks:
      cheap: price < 100
    uniques:
      item_title: [title, customer]
    foreignKeys:
      item_customer:
        columns: customer
        references: { table: customer, columns: id, onDelete: cascade }
    indexes:
      item_price:
        columns:
          - { column: price, order: desc }
        where: price > 1
enums:
  size: [small, large]
views:
  dear: |
    select id, title
    from shop.item
    where price > 50
functions:
  twice:
    arguments: n integer
    returns: integer
    language: sql
    volatility: immutable
    body: |
      select n * 2
---
tables:
  country:
    columns: { code: text primary key, name: text not null, spot: "double precision[]", facts: jsonb, since: date }
`,
  'schema/data/public.country.yaml': `key: [code]
delete: true
rows:
  - { code: ES, name: España, spot: [0.1, 0.2], facts: { eu: true, since: 1986 }, since: 1986-01-01 }
  - code: CH
    name: "Schweiz: Suisse"
    spot: [1, 2.5]
`,
  'schema/data/public.country.csv': `code,name,since
FR,"France, République",1957-03-25
IT,"Il ""bel"" paese",
`,
  'schemactl.yaml': `schema: [schema]
plans: plans
url: \${TARGET:-postgres://someone:s3cret@localhost:5432/app}
shadow: auto
schemas: [public, shop]
manage: [owners]
allow: [drop-column]
ignore: ["public.tmp_*"]
searchPath: [public]
drops: archive
online: auto
environments:
  production:
    url: postgres://app@db.example/app?sslmode=require
    protected: true
`,
  '.env': `# Secrets.
DATABASE_URL=postgres://someone:s3cret@localhost:5432/app
export OTHER="two
lines" # and a comment
`,
} as const

export type SourceName = keyof typeof SOURCES
