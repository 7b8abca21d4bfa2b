import { nearest } from '../config/nearest.js'
import { DROPS, type Drops, MANAGED, ONLINE, type OnlineMode, SHADOWS } from '../config/settings.js'
import type { Sort } from '../diff/scope.js'
import { UserError } from '../errors.js'
import { LOSSES } from './losses.js'

/** A command line that cannot be meant: exit code 64. */
export function usageError(message: string, next: string): UserError {
  return new UserError('usage', message, { next })
}

/** The title of a plan; null where the flag was not given. */
export function titleOf(flag: string | undefined): string | null {
  if (flag?.trim() === '') throw usageError('--message is empty', 'Give the plan a title, such as -m "add slugs", or leave the flag out.')
  return flag ?? null
}

/** Splits `a,b`; null where the flag was not given. */
export function listOf(flag: string | undefined): string[] | null {
  if (flag === undefined) return null
  return flag
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

export function schemasOf(flag: string | undefined): readonly string[] | '*' | null {
  if (listOf(flag)?.includes('*')) return '*'
  return namesOf('--schemas', 'schema', flag)
}

/** Names, letter by letter; one with a comma in it stands in double quotes. Null where the flag was not given. */
export function namesOf(flag: string, sort: string, text: string | undefined): string[] | null {
  if (text === undefined) return null
  const items = text.match(/(?:"(?:[^"]|"")*"|[^",])+|"/g) ?? []
  const names = items.map((item) => item.trim()).filter((item) => item !== '')
  if (names.length === 0) throw usageError(`${flag} names no ${sort}`, `Give names separated by commas; ${QUOTED}.`)
  const wrong = names.find((name) => !/^(?:[^"]+|"(?:[^"]|"")+")$/.test(name))
  if (wrong !== undefined) throw usageError(`${flag} does not understand ${text}`, `Give names separated by commas; ${QUOTED}.`)
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))
}

const QUOTED = `one with a comma, a quote or blanks around it in double quotes, such as '"a,b",c', and a quote within is doubled`

export function manageOf(flag: string | undefined): Sort[] | null {
  return listOf(flag)?.map((word) => oneOf('--manage', word, MANAGED)) ?? null
}

export function allowOf(flag: string | undefined): string[] | null {
  return listOf(flag)?.map((word) => oneOf('--allow', word, ALLOWED)) ?? null
}

export function onlineOf(flag: string | undefined): OnlineMode | null {
  return flag === undefined ? null : oneOf('--online', flag, ONLINE)
}

export function dropsOf(flag: string | undefined): Drops | null {
  return flag === undefined ? null : oneOf('--drops', flag, DROPS)
}

export function shadowOf(flag: string | undefined): string | null {
  if (flag === undefined) return null
  // As libpq has it: a URL, or key=value pairs.
  return /:\/\/|=/.test(flag) ? flag : oneOf('--shadow', flag, SHADOWS, ' or a database URL')
}

const MILLISECONDS = { ms: 1, s: 1000, min: 60_000 } as const

/** `500`, `500ms`, `3s`, `2min`, in milliseconds; undefined where the flag was not given. */
export function durationOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, number, unit = 'ms'] = /^(\d+(?:\.\d+)?)\s*(ms|s|min)?$/.exec(text.trim()) ?? []
  const time = Number(number) * MILLISECONDS[unit as keyof typeof MILLISECONDS]
  // PostgreSQL holds time-outs in 32 bits.
  if (time < 2 ** 31) return time
  throw usageError(`${flag} does not know "${text}"`, 'It takes milliseconds, or a time such as 500ms, 3s or 2min.')
}

export const ALLOWED: readonly string[] = [...Object.keys(LOSSES), 'all']

function oneOf<T extends string>(flag: string, word: string, words: readonly T[], orElse = ''): T {
  const found = words.find((candidate) => candidate === word)
  if (found !== undefined) return found
  const near = nearest(word, words)
  throw usageError(
    `${flag} does not know "${word}"`,
    `${near === undefined ? '' : `Did you mean ${near}? `}It takes ${words.join(', ')}${orElse}.`,
  )
}
