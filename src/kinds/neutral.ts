import { isQualified, namesOf } from '../sql/quote.js'
import type { Context } from './kind.js'

/** A value that says nothing, for rows that have none of their own; null where the type, which is no domain, has no such value. */
export function neutral(type: string, context: Context): string | null {
  if (type.endsWith('[]')) return `'{}'`
  const path = namesOf(type) ?? []
  if (context.find({ kind: 'enum', path })) return `(enum_range(null::${type}))[1]`
  if (context.find({ kind: 'range type', path })) return `'empty'`
  const composite = { kind: 'composite type', path }
  if (context.find(composite)) {
    const attributes = context.children(composite).filter(({ id }) => id.kind === 'attribute')
    return `'(${','.repeat(Math.max(attributes.length - 1, 0))})'`
  }
  return isQualified(type) ? neutralOfExtension(type) : (bits(type) ?? neutralBuiltIn(type.replace(/\(.*\)/, '')))
}

function neutralBuiltIn(base: string): string | null {
  if (/^(smallint|integer|bigint|numeric|real|double precision|money|oid)$/.test(base)) return '0'
  if (/^(text|character varying|character|citext|name|bytea|tsvector|xml)$/.test(base) || base === '"char"') return `''`
  if (base === 'boolean') return 'false'
  if (/^(timestamp|date)/.test(base)) return `'epoch'`
  if (base.startsWith('time')) return `'00:00'`
  if (base === 'interval') return `'0'`
  if (base === 'uuid') return `'00000000-0000-0000-0000-000000000000'`
  if (base === 'json' || base === 'jsonb') return `'{}'`
  if (base === 'inet' || base === 'cidr') return `'0.0.0.0'`
  if (/multirange$/.test(base)) return `'{}'`
  return /range$/.test(base) ? `'empty'` : (OTHERS[base] ?? null)
}

const OTHERS: Readonly<Record<string, string>> = {
  point: `'(0,0)'`,
  lseg: `'[(0,0),(0,0)]'`,
  box: `'(0,0),(0,0)'`,
  path: `'[(0,0)]'`,
  polygon: `'((0,0))'`,
  circle: `'<(0,0),0>'`,
  line: `'{1,0,0}'`,
  macaddr: `'00:00:00:00:00:00'`,
  macaddr8: `'00:00:00:00:00:00:00:00'`,
  tsquery: `''`,
  jsonpath: `'$'`,
  pg_lsn: `'0/0'`,
}

/** `bit(3)` takes three. */
function bits(type: string): string | null {
  const [, varying, width = '1'] = /^bit( varying)?(?:\((\d+)\))?$/.exec(type) ?? []
  return type.startsWith('bit') ? (varying ? `''` : `'${'0'.repeat(Number(width))}'`) : null
}

/** Types of extensions, in whatever schema those are. */
function neutralOfExtension(type: string): string | null {
  const [, own = '', dimensions] = /(?:^|\.)"?(\w+)"?(?:\((\d+)\))?$/.exec(type) ?? []
  if (/^(citext|hstore|ltree)$/.test(own)) return `''`
  return /^(vector|halfvec)$/.test(own) && dimensions ? `array_fill(0::real, array[${dimensions}])::${type}` : null
}
