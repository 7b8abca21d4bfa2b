import type { CatalogObject } from '../catalog/catalog.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { kind, NOT_SYSTEM } from './kind.js'
import { domainRefusals, notSatisfying } from './refusals.js'

type DomainConstraint = {
  /** `CHECK (…)`, as pg_get_constraintdef() writes it. */
  readonly text: string
  readonly validated: boolean
}

/** A CHECK of a domain; its NOT NULL is an attribute of the domain. */
export const domainConstraint = kind<DomainConstraint>({
  name: 'domain constraint',
  query: `
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid as classid, k.oid, 0 as subid,
           array[n.nspname, t.typname, k.conname]::text[] as path,
           'pg_catalog.pg_type'::pg_catalog.regclass::oid as parentclassid, t.oid as parentoid, 0 as parentsubid,
           pg_catalog.left(x.def, pg_catalog.length(x.def) - pg_catalog.length(x.tail)) as text,
           k.convalidated as validated
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_type t on t.oid = k.contypid
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace,
    lateral (select pg_catalog.pg_get_constraintdef(k.oid) as def, case when k.convalidated then '' else ' NOT VALID' end as tail) x
    where k.contype = 'c' and ${NOT_SYSTEM}`,
  target: (id) => `constraint ${quoteIdentifier(id.path[2] ?? '')} on domain ${quoteName(...id.path.slice(0, 2))}`,
  create: (object) => `${alter(object)} add ${fragment(object)}${object.definition.validated ? '' : ' not valid'}`,
  // CREATE DOMAIN does not take NOT VALID.
  inline: (object) => (object.definition.validated ? fragment(object) : null),
  drop: (object) => `${alter(object)} drop constraint ${quoteIdentifier(object.id.path[2] ?? '')}`,
  alter: {
    text: 'recreate',
    validated: (after) =>
      after.definition.validated ? `${alter(after)} validate constraint ${quoteIdentifier(after.id.path[2] ?? '')}` : null,
  },
  refusals: (before, { id, parent = '', definition: { text, validated } }, live) =>
    validated && !(before?.definition.validated && before.definition.text === text)
      ? domainRefusals({ domain: parent, text, what: notSatisfying(id.path[2] ?? '') }, live)
      : [],
  concernsUsers: true,
  halfway: (before, after) => (before && before.definition.text === after?.definition.text ? before.definition : null),
  // Every table with a column of the domain is locked and read.
  impact: (operation, _before, after) => (operation !== 'drop' && after?.definition.validated ? { lock: 'SHARE', work: 'scan' } : {}),
})

function alter(object: CatalogObject): string {
  return `alter domain ${quoteName(...object.id.path.slice(0, 2))}`
}

function fragment(object: CatalogObject<DomainConstraint>): string {
  return `constraint ${quoteIdentifier(object.id.path[2] ?? '')} ${object.definition.text}`
}
