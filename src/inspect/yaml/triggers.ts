import type { CatalogObject, Value } from '../../catalog/catalog.js'
import { commentOf, cover } from './attributes.js'
import { withoutParentheses } from './constraints.js'
import { type Children, compact, type Mapping, oneOrMany, reader } from './mapping.js'
import { inside, nameIn, namesIn, scan, type Token } from './scan.js'

/** A trigger; its text is pg_get_triggerdef() from the name on. */
export function trigger(object: CatalogObject, children: Children): Mapping | null {
  const { text, flag } = reader(object)
  const body = text('body') ?? ''
  const tokens = scan(body) ?? []
  const at = (word: string) => tokens.findIndex((token) => token.text === word)
  const [on, each, execute] = [at('ON'), at('EACH'), at('EXECUTE')]
  const from = at('FROM')
  if (on < 0 || each < on || execute < each || (from > on && from < each)) return null
  const when = tokens.slice(each, execute).find((token) => token.group)
  const fires = firesOn(tokens.slice(1, on), body)
  if (fires === null) return null
  const comment = commentOf(object, children)
  const between = tokens.slice(on, each)
  const table = (word: string) => {
    const i = between.findIndex((token, j) => token.text === word && between[j + 1]?.text === 'TABLE')
    return i < 0 ? undefined : (nameIn(between[i + 3]?.text ?? '') ?? undefined)
  }
  const enabled = text('enabled')
  return cover(
    object,
    compact({
      ...fires,
      forEach: tokens[each + 1]?.text === 'ROW' ? 'row' : 'statement',
      when: when && withoutParentheses(inside(when)),
      execute: body.slice(tokens[execute + 1]?.end).trim(),
      oldTable: table('OLD'),
      newTable: table('NEW'),
      constraint: flag('constraint'),
      deferrable: between.some((token) => token.text === 'DEFERRABLE') && !between.some((token) => token.text === 'NOT'),
      initiallyDeferred: between.some((token) => token.text === 'DEFERRED'),
      enabled: enabled === 'origin' ? undefined : enabled,
      comment: comment.value,
    }),
    comment.covers,
  )
}

/** `BEFORE INSERT OR UPDATE OF a, b`. */
function firesOn(tokens: readonly Token[], body: string): { readonly [key: string]: Value | undefined } | null {
  const timing = tokens[0]?.text === 'INSTEAD' ? 'instead of' : (tokens[0]?.text ?? '').toLowerCase()
  const events = tokens
    .filter((token) => ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'].includes(token.text))
    .map((token) => token.text.toLowerCase())
  const of = tokens.findIndex((token, i) => token.text === 'OF' && tokens[i - 1]?.text === 'UPDATE')
  if (of < 0) return { timing, events: oneOrMany(events) }
  const rest = tokens.slice(of + 1)
  const or = rest.findIndex((token) => token.text === 'OR')
  const columns = namesIn(body.slice(tokens[of]?.end, or < 0 ? rest.at(-1)?.end : rest[or]?.start))
  return columns === null ? null : { timing, events: oneOrMany(events), columns: oneOrMany(columns) }
}

export function policy(object: CatalogObject, children: Children): Mapping | null {
  const { text, list, flag } = reader(object)
  const command = text('command')
  const roles = list('roles')
  if (roles.some((role) => role !== 'public' && role.toLowerCase() === 'public')) return null
  const comment = commentOf(object, children)
  return cover(
    object,
    compact({
      as: flag('permissive') ? undefined : 'restrictive',
      for: command === 'all' ? undefined : command,
      to: roles.length === 1 && roles[0] === 'public' ? undefined : oneOrMany(roles),
      using: bare(text('using')),
      withCheck: bare(text('check')),
      comment: comment.value,
    }),
    comment.covers,
  )
}

function bare(expression: string | null): string | undefined {
  return expression === null ? undefined : withoutParentheses(expression)
}
