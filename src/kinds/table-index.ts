import type { CatalogObject } from '../catalog/catalog.js'
import type { ObjectId } from '../catalog/id.js'
import { quoteIdentifier, quoteName } from '../sql/quote.js'
import { namedColumns } from './key-columns.js'
import { type Context, type Impact, kind, NOT_SYSTEM, type Online, type OnlineChange } from './kind.js'
import { indexRefusals } from './refusals.js'
import { chosenIndexName, type Spreading, spreadOver } from './spread.js'

type Index = {
  /** pg_get_indexdef(): whole but for the tablespace and statistics targets. */
  readonly text: string
  /** Left behind by a failed CONCURRENTLY; always true for a partitioned index, which is valid once all its parts are attached. */
  readonly valid: boolean
  readonly tablespace: string | null
  /** Statistics targets of expression columns: `{"2": 500}`. */
  readonly statistics: { readonly [column: string]: number }
  /** Keys of partitions are part of it, which is none; null: none is. ALTER TYPE is refused then (14 to 18). */
  readonly hasKeys: true | null
}

export const index = kind<Index>({
  name: 'index',
  query: `
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as classid, c.oid, 0 as subid,
           array[n.nspname, c.relname]::text[] as path,
           'pg_catalog.pg_class'::pg_catalog.regclass::oid as parentclassid, i.indrelid as parentoid, 0 as parentsubid,
           pg_catalog.pg_get_indexdef(c.oid) as text,
           -- Partitions first: on ATTACH PostgreSQL takes the first index that fits, which need not be the one that was attached, and
           -- makes one where none does, which an index made ONLY for the parent need not have.
           case when c.relkind = 'I' then (
             select pg_catalog.json_agg(pg_catalog.json_build_array('partition', pn.nspname, pt.relname))
             from pg_catalog.pg_inherits h
             join pg_catalog.pg_class pt on pt.oid = h.inhrelid
             join pg_catalog.pg_namespace pn on pn.oid = pt.relnamespace
             where h.inhparent = i.indrelid) end as afterids,
           i.indisvalid or c.relkind = 'I' as valid,
           s.spcname::text as tablespace,
           coalesce((select pg_catalog.json_object_agg(a.attnum, a.attstattarget) from pg_catalog.pg_attribute a
                     where a.attrelid = c.oid and a.attstattarget >= 0), '{}') as statistics,
           case when exists (
             select from pg_catalog.pg_inherits h join pg_catalog.pg_constraint k on k.conindid = h.inhrelid and k.contype in ('p', 'u')
             where h.inhparent = c.oid) then true end as "hasKeys"
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_class t on t.oid = i.indrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
    where t.relkind in ('r', 'p', 'm') and t.relpersistence <> 't' and ${NOT_SYSTEM}
      and not exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x'))`,
  target: (id) => `index ${quoteName(...id.path)}`,
  rename: (id, newName) => `alter index ${quoteName(...id.path)} rename to ${quoteIdentifier(newName)}`,
  create: (object) => object.definition.text + (object.definition.tablespace === null ? '' : tablespaceClause(object)),
  nameless: (object) =>
    JSON.stringify([object.parent, object.definition.text.replace(` ${quoteIdentifier(object.id.path[1] ?? '')} ON `, ' ON ')]),
  finish: (object) => statistics(object, {}),
  alter: {
    text: 'recreate',
    valid: (after) => (after.definition.valid ? null : []),
    tablespace: (after) =>
      `alter index ${quoteName(...after.id.path)} set tablespace ${quoteName(after.definition.tablespace ?? 'pg_default')}`,
    statistics: (after, before) => statistics(after, before.definition.statistics),
    hasKeys: () => [],
  },
  followsRetype: ({ definition }) => definition.hasKeys === null,
  whenStated: ['tablespace'],
  occupies: (object) => [`relation ${quoteName(...object.id.path)}`],
  refusals: indexRefusals,
  // Built once over all rows as they will be; one that goes helps to find them until then.
  halfway: (before, after) =>
    before && (before.definition.text === after?.definition.text || !isUnique(before)) ? before.definition : null,
  impact: (operation, _before, after) =>
    operation === 'create'
      ? { lock: 'SHARE', ...(after && isOnly(after.definition.text) ? {} : { work: workOf(after) }) }
      : operation === 'drop'
        ? { lock: 'ACCESS EXCLUSIVE' }
        : { lock: 'SHARE UPDATE EXCLUSIVE' },
  online: (change, context) => {
    const [before, after] = ['before' in change ? change.before : null, 'after' in change ? change.after : null]
    // What is part of a partitioned table's index goes only with that.
    const attached = before !== null && context.find({ kind: 'index attachment', path: before.id.path })
    return !attached && [before, after].every((object) => object === null || isOnline(object)) ? online(change, context) : null
  },
  spread: {
    over: (object, context, stays) => (isOnly(object.definition.text) ? spreadOver(object, indexSpreading, context, stays) : null),
    whole: (object) => ({ ...object, definition: { ...object.definition, text: object.definition.text.replace(ONLY, '$1 ON ') } }),
  },
  unfinished: (object) => !object.definition.valid,
})

/** pg_get_indexdef() names the index behind its first words. */
const ONLY = /^(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+)) ON ONLY /

const NAMED = /^CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) ON (?:ONLY )?(?:"(?:[^"]|"")*"|[^\s.])+\.(?:"(?:[^"]|"")*"|\S)+ (?=USING )/

export const indexSpreading: Spreading = {
  same: ({ definition }) =>
    definition.tablespace === null && Object.keys(definition.statistics ?? {}).length === 0
      ? String(definition.text).replace(NAMED, String(definition.text).startsWith('CREATE UNIQUE ') ? 'UNIQUE ' : '')
      : null,
  chosenName: ({ definition }, table) => chosenIndexName(table, namedColumns(String(definition.text)), 'idx'),
  besides: () => [],
}

/** Not what one statement cannot say, and not a partitioned table's index, which has no rows. */
function isOnline({ definition }: CatalogObject<Index>): boolean {
  return !isOnly(definition.text) && definition.tablespace === null && Object.keys(definition.statistics).length === 0
}

function isUnique({ definition }: CatalogObject<Index>): boolean {
  return definition.text.startsWith('CREATE UNIQUE ')
}

function isOnly(text: string): boolean {
  return ONLY.test(text)
}

/** pgvector's HNSW looks for the neighbours of each row: a thousand times the work of reading it. */
function workOf(index: CatalogObject<Index> | undefined): 'scan' | 'graph' {
  return index && / USING hnsw \(/.test(index.definition.text) ? 'graph' : 'scan'
}

function online(change: OnlineChange<Index>, context: Context): Online | null {
  const impact: Impact = { lock: 'SHARE UPDATE EXCLUSIVE', work: workOf('after' in change ? change.after : undefined) }
  switch (change.verb) {
    case 'create':
      return { sql: [concurrently(change.after, change.after.id)], impact, between: [] }
    case 'drop':
      return {
        sql: [`drop index concurrently ${quoteName(...change.before.id.path)}`],
        impact: { lock: 'SHARE UPDATE EXCLUSIVE' },
        between: [],
      }
    case 'replace': {
      const { id } = change.after
      const [next, old] = [context.beside(id, '__new'), context.beside(id, '__old')]
      const swap = [
        `alter index ${quoteName(...id.path)} rename to ${quoteIdentifier(old.path.at(-1) ?? '')}`,
        `alter index ${quoteName(...next.path)} rename to ${quoteIdentifier(id.path.at(-1) ?? '')}`,
      ]
      return {
        sql: [concurrently(change.after, next), swap.join(';\n'), `drop index concurrently ${quoteName(...old.path)}`],
        impact,
        between: [next, old],
      }
    }
    case 'alter':
      return null
    default:
      return change satisfies never
  }
}

/** pg_get_indexdef() names the index behind its first words. */
function concurrently({ definition }: CatalogObject<Index>, id: ObjectId): string {
  const [, unique = '', rest = ''] = /^CREATE (UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) (ON .*)$/s.exec(definition.text) ?? []
  return `CREATE ${unique}INDEX CONCURRENTLY ${quoteIdentifier(id.path.at(-1) ?? '')} ${rest}`
}

/** TABLESPACE stands before WHERE, so that it cannot simply be appended to the text; a statement of its own does the same. */
function tablespaceClause(object: CatalogObject<Index>): string {
  return `;\nalter index ${quoteName(...object.id.path)} set tablespace ${quoteName(object.definition.tablespace ?? 'pg_default')}`
}

function statistics(after: CatalogObject<Index>, before: Index['statistics']): string[] {
  const columns = [...new Set([...Object.keys(before), ...Object.keys(after.definition.statistics)])].sort()
  return columns
    .filter((column) => before[column] !== after.definition.statistics[column])
    .map(
      (column) =>
        `alter index ${quoteName(...after.id.path)} alter column ${column} set statistics ${after.definition.statistics[column] ?? -1}`,
    )
}
