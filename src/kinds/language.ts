import { equal } from '../catalog/canonical.js'
import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { type Alter, kind } from './kind.js'
import { functionName } from './qualified.js'

type Language = {
  readonly trusted: boolean
  readonly handler: string
  readonly inline: string | null
  readonly validator: string | null
}

/** A procedural language that no extension brought. */
export const language = kind<Language>({
  name: 'language',
  schemaless: true,
  query: `
    select 'pg_catalog.pg_language'::pg_catalog.regclass::oid as classid, l.oid, 0 as subid,
           array[l.lanname::text] as path,
           l.lanpltrusted as trusted,
           ${functionName('l.lanplcallfoid')} as handler,
           ${functionName('l.laninline')} as inline,
           ${functionName('l.lanvalidator')} as validator
    from pg_catalog.pg_language l
    -- plpgsql, which every database has, is here for what is granted on it.
    where l.lanispl`,
  target: (id) => `language ${quoteIdentifier(id.path[0] ?? '')}`,
  create: (object) => `create ${statement(object)}`,
  alter: { trusted: replace('trusted'), handler: replace('handler'), inline: replace('inline'), validator: replace('validator') },
})

const REPLACEABLE = ['trusted', 'handler', 'inline', 'validator'] as const

/** One statement changes all: the first attribute that differs brings it. */
function replace(attribute: (typeof REPLACEABLE)[number]): Alter<Language> {
  return (after, before) =>
    REPLACEABLE.find((name) => !equal(after.definition[name], before.definition[name])) === attribute
      ? `create or replace ${statement(after)}`
      : []
}

function statement(object: CatalogObject<Language>): string {
  const { trusted, handler, inline, validator } = object.definition
  return `${trusted ? 'trusted ' : ''}language ${quoteIdentifier(object.id.path[0] ?? '')} handler ${handler}${inline === null ? '' : ` inline ${inline}`}${validator === null ? '' : ` validator ${validator}`}`
}
