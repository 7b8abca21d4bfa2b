import { quoteIdentifier } from '../../sql/quote.js'
import { commentOn, deferral, names, namesIn, renamed, when } from './attributes.js'
import type { Policy, Trigger } from './document.js'
import { type Draft, fragment, join, name, type Piece, role, type Sql, sql } from './draft.js'
import type { Entry } from './shape.js'

/** CREATE TRIGGER and what belongs to it. */
export function triggerDrafts({ name: own, at, value: { keys } }: Entry<Trigger>, table: string): Draft[] {
  const { timing, forEach, when: condition, execute, constraint, enabled, comment, renamedFrom, deferrable, initiallyDeferred } = keys
  const pieces = [
    ...sql`create ${when(constraint, 'constraint ')}trigger ${name({ text: own, at })} ${timing?.text} ${join(events(keys), ' or ')} on ${table}`,
    ...sql`${deferral({ ...(deferrable && { deferrable }), ...(initiallyDeferred && { initiallyDeferred }) })}${transition(keys)}`,
    ...sql` for each ${forEach?.text ?? (constraint?.flag ? 'row' : 'statement')}`,
    ...(condition ? sql` when (${fragment(condition)})` : []),
    ...sql` execute function ${execute && fragment(execute)}`,
  ]
  const state = enabled && ENABLED[enabled.text]
  return [
    { pieces, at, directives: renamed(renamedFrom) },
    ...(state ? [{ pieces: sql`alter table ${table} ${state} trigger ${quoteIdentifier(own)}`, at: enabled.at }] : []),
    ...commentOn(`trigger ${quoteIdentifier(own)} on ${table}`, comment),
  ]
}

/** CREATE POLICY and what belongs to it. */
export function policyDrafts({ name: own, at, value: { keys } }: Entry<Policy>, table: string): Draft[] {
  const { as, for: command, to, using, withCheck, comment, renamedFrom } = keys
  const pieces = [
    ...sql`create policy ${name({ text: own, at })} on ${table}`,
    ...(as ? sql` as ${as.text}` : []),
    ...(command ? sql` for ${command.text}` : []),
    ...(to ? sql` to ${join(namesIn(to).map(role), ', ')}` : []),
    ...(using ? sql` using (${fragment(using)})` : []),
    ...(withCheck ? sql` with check (${fragment(withCheck)})` : []),
  ]
  return [{ pieces, at, directives: renamed(renamedFrom) }, ...commentOn(`policy ${quoteIdentifier(own)} on ${table}`, comment)]
}

const ENABLED: { readonly [state: string]: string } = {
  origin: 'enable',
  replica: 'enable replica',
  always: 'enable always',
  disabled: 'disable',
}

function events({ events: stated, columns }: Trigger['keys']): Sql[] {
  const words: readonly Piece[] = stated === undefined ? [] : 'text' in stated ? [fragment(stated)] : stated.list
  return words.map((word) => (word.text === 'update' && columns ? sql`update of ${names(columns)}` : [word]))
}

function transition({ oldTable, newTable }: Trigger['keys']): Sql {
  if (!oldTable && !newTable) return []
  return sql` referencing${oldTable ? sql` old table as ${name(oldTable)}` : ''}${newTable ? sql` new table as ${name(newTable)}` : ''}`
}
