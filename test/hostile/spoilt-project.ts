import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { wireStrings } from '../../src/signature/wire.js'
import { folderWith, schemactl } from '../cli/schemactl.js'

export type Files = Readonly<Record<string, string>>

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const blob = wireStrings('ssh-ed25519', Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))

const FIRST: Files = {
  'schemactl.yaml': `schema: [schema]
plans: plans
shadow: server
schemas: [public, shop]
allow: [drop-column, delete-rows]
ignore: ["public.tmp_*"]
searchPath: [public]
online: auto
signers: allowed_signers
environments:
  production:
    protected: true
    requireSignatures: 1
`,
  'schema/a.sql': `create schema shop;
create type shop.mood as enum ('sad', 'ok');
create table shop.customer (
  id bigint generated always as identity primary key,
  name varchar(40) not null default 'nobody',
  mood shop.mood not null default 'ok'
);
create index customer_name on shop.customer (lower(name));
create view shop.happy as select id, name from shop.customer where mood = 'ok';
`,
  'schema/b.yaml': `tables:
  country:
    comment: where people live
    columns:
      code: text primary key
      name:
        type: text
        notNull: true
    checks:
      short: length(code) = 2
`,
  'schema/data/public.country.yaml': `key: [code]
delete: true
rows:
  - { code: ES, name: España }
  - { code: FR, name: "France: la" }
`,
  allowed_signers: `ana@example.com ssh-ed25519 ${blob.toString('base64')}\n`,
  'key.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
}

/** What the second plan, which is not applied, asks for. */
const SECOND: Files = {
  'schema/c.sql': `-- More of the shop.
alter table shop.customer add column born date;
create table shop.item (id int primary key, customer bigint references shop.customer, price numeric(10, 2) check (price > 0));
create function shop.twice(n int) returns int language sql as $$ select n * 2 $$;
`,
}

const DRAFT: Files = {
  'plans/fill.draft.yaml': `title: fill
steps:
  - title: names in capitals
    up: |
      update shop.customer set name = upper(name);
    down: |
      update shop.customer set name = lower(name);
  - title: more countries
    before: create table shop.item
    up: insert into public.country values ('IT', 'Italia');
    down: delete from public.country where code = 'IT';
    downHazards: [delete-rows]
`,
}

/** A project with a plan in force in the database, one that is signed and pending, and a draft: its files, but for `.env`. */
export async function makeProject(url: string): Promise<Files> {
  const folder = folderWith({ ...FIRST, ...environment(url) })
  await done(folder, ['plan', '-m', 'first'])
  await done(folder, ['apply'])
  for (const [name, text] of Object.entries(SECOND)) writeFileSync(join(folder, name), text)
  await done(folder, ['plan', '-m', 'second'])
  const names = readdirSync(join(folder, 'plans')).filter((name) => name.endsWith('.yaml'))
  await done(folder, ['plan', 'sign', names.find((name) => name.startsWith('second'))?.replace('.yaml', '') ?? '', '--key', 'key.pem'])
  const plans = readdirSync(join(folder, 'plans')).filter((name) => !name.startsWith('.'))
  return {
    ...FIRST,
    ...SECOND,
    ...DRAFT,
    ...Object.fromEntries(plans.map((name) => [`plans/${name}`, readFileSync(join(folder, 'plans', name), 'utf8')])),
  }
}

export function environment(url: string): Files {
  return { '.env': `# Where it is.\nDATABASE_URL=${url}\nexport OTHER="two\nlines" # and a comment\n` }
}

async function done(folder: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await schemactl(folder, args)
  if (code !== 0) throw new Error(`schemactl ${args.join(' ')}: ${stderr}`)
}

const LOOKING = ['status', 'check', 'plan -m third', 'drift', 'history', 'show second', 'verify second', 'show second --sql']
const CHANGING = ['apply', 'apply --require-signature=1', 'revert --allow all', 'dev --allow all']

/** What is run once the file is spoilt: all commands where all read it. */
export function commandsFor(file: string): readonly string[] {
  if (file.startsWith('schema/')) return ['plan -m third', 'check', 'drift', 'apply', 'dev --allow all', 'rebase second']
  if (file.endsWith('.draft.yaml')) return ['plan --from plans/fill.draft.yaml', 'status', 'apply']
  if (file.startsWith('plans/second'))
    return [
      'status',
      'check',
      'plan -m third',
      'apply',
      'apply --require-signature=1',
      'show second',
      'verify second',
      'rebase second',
      `show ${file}`,
      `apply ${file}`,
      `plan sign ${file} --key key.pem`,
    ]
  if (file.startsWith('plans/first')) return ['status', 'check', 'apply', 'show first', 'revert --allow all', `verify ${file}`]
  if (file === 'allowed_signers') return ['apply --require-signature=1', 'status', 'plan sign second --key key.pem']
  if (file === 'key.pem') return ['plan sign second --key key.pem']
  return [...LOOKING, ...CHANGING]
}

/** Of those, the ones that may change a database or files when they succeed. */
export function changes(command: string): boolean {
  return /^(?:apply|revert|dev|plan|rebase)\b/.test(command)
}
