import type { CatalogObject } from '../catalog/catalog.js'
import { isQualified, quoteIdentifier, quoteLiteral, quoteName } from '../sql/quote.js'
import { ARCHIVE } from './kind.js'

/** A column as it is kept: types and collations that are not PostgreSQL's own could not be dropped while the archive used them. */
export function kept({ id, definition }: CatalogObject): string {
  const name = quoteIdentifier(id.path.at(-1) ?? '')
  if (isQualified(String(definition.type))) return `${name}::text as ${name}`
  const { collation } = definition
  return typeof collation === 'string' && !collation.startsWith('pg_catalog.') ? `${name} collate pg_catalog."default" as ${name}` : name
}

/** The value of a kept column in its own type again. */
export function restored({ id, definition }: CatalogObject, from: string): string {
  const name = `${from}.${quoteIdentifier(id.path.at(-1) ?? '')}`
  return isQualified(String(definition.type)) ? `${name}::${definition.type}` : name
}

/** Copies what the query finds; writers wait, since what they wrote afterwards would be lost. */
export function keepRows(table: string, place: string, list: readonly string[]): readonly string[] {
  return [
    `create schema if not exists ${ARCHIVE}`,
    `lock table ${table} in share mode`,
    // A policy that would hide rows is an error then.
    'set local row_security = off',
    `create table ${quoteName(ARCHIVE, place)} as select ${list.join(', ')} from only ${table}`,
  ]
}

/** Runs the statements where the archive still holds the place, and then drops it; tells where it was purged. */
export function bringRows(what: string, place: string, statements: readonly string[], declared = ''): string {
  const from = quoteName(ARCHIVE, place)
  const body = [
    ...(declared === '' ? [] : [`declare ${declared}`]),
    'begin',
    `  if pg_catalog.to_regclass(${quoteLiteral(from)}) is null then`,
    `    raise warning '%', ${quoteLiteral(`${what}: what was archived is gone, nothing comes back`)};`,
    '    return;',
    '  end if;',
    ...statements.map((statement) => `  ${statement};`),
    `  drop table ${from};`,
    `  if not exists (select from pg_catalog.pg_class where relnamespace = ${quoteLiteral(ARCHIVE)}::pg_catalog.regnamespace) then`,
    `    drop schema ${ARCHIVE};`,
    '  end if;',
    'end',
  ].join('\n')
  let tag = '$archive$'
  while (body.includes(tag)) tag = tag.replace(/\$$/, '_$')
  return `do ${tag}\n${body}\n${tag}`
}
