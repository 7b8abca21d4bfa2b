import { afterAll, expect, test } from '@jest/globals'
import { formatPlan } from '../../src/plan/plan-file.js'
import { runServers } from '../servers/index.js'
import { build, withDatabase } from './database.js'
import { planFor } from './round-trip.js'
import { closeParser, sourceOf } from './source.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

/** What a database has already, so that the plan alters, rebuilds and drops beside creating. */
const BEFORE = `
create type state as enum ('draft', 'old', 'final');
create table document (id int primary key, title varchar(20), state state default 'draft');
create table gone (id int);
create view titles as select id, title, state from document;
comment on view titles is 'titles';`

const FILES = {
  'schema/document.sql': `
create table document (id bigint primary key, title text, state state default 'draft', author bigint references author);
create index document_title on document (lower(title));`,
  'schema/author.sql': `create table author (id bigint primary key, name text not null, favourite bigint);`,
  'schema/cycle.sql': `alter table author add constraint favourite foreign key (favourite) references document;`,
  'schema/views/titles.sql': `create view titles as select id, title, state from document; comment on view titles is 'titles';`,
  'schema/routines.sql': `
create function total() returns bigint language sql as 'select count(*) from titles';
create function named(n text) returns setof author language sql as 'select * from author where name = n';`,
  'schema/a.sql': `create type state as enum ('draft', 'final');`,
}

afterAll(closeParser)

test('the same files give the same bytes, whatever their order and whenever they are read', async () => {
  const names = Object.keys(FILES) as (keyof typeof FILES)[]
  const orders = [names, [...names].reverse(), [...names].sort(), [...names.slice(3), ...names.slice(0, 3)]]
  const texts = await withDatabase(server, async (_, live) => {
    await build(live, BEFORE, await sourceOf({ 'before.sql': BEFORE }))
    const plans: string[] = []
    for (const order of orders) {
      const source = await sourceOf(Object.fromEntries(order.map((name) => [name, FILES[name]])))
      const plan = await planFor({ server, shadow: 'server' }, live, { source })
      plans.push(plan === null ? 'no plan' : formatPlan(plan))
    }
    return plans
  })
  expect(texts[0]).toContain('schema/document.sql:')
  for (const text of texts) expect(text).toBe(texts[0])
})
