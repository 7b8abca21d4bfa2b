import { isAbsolute } from 'node:path'
import { nearest } from '../config/nearest.js'
import { codeOf, systemRefusal, UserError } from '../errors.js'
import { formatMessage, type SourceMessage, sentence } from '../source/message.js'
import { shown } from './plan-folder.js'
import { signalCode } from './signals.js'

/** Exit code 64 for a command line that cannot be meant, that of the signal where one ended it, 1 for everything else. */
export function exitCodeOf(error: Error): number {
  if (isInterrupted(error)) return signalCode()
  return isUsage(error) ? 64 : 1
}

/** What is wrong, where, and one next step; a stack only for what is our own fault. `command`: whose command line it is. */
export function formatError(error: Error, command?: string): string {
  return shortened(textOf(error, command))
}

function shortened(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line))
    .join('\n')
}

/** Of a line: PostgreSQL repeats the word that it stumbled on, which may be the rest of a file. */
const LONGEST = 1000

function textOf(error: Error, command?: string): string {
  if (isSourceError(error)) {
    const { messages } = error
    const told = messages.map((message) => `Error: ${formatMessage(message)}`).join('\n\n')
    return messages.some(({ hint }) => hint !== null) ? told : `${told}\nNext: ${nextOf(error)}`
  }
  if (error instanceof UserError) {
    const { location } = error
    const place = location
      ? `${fromHere(location.file)}:${location.line}${location.column === undefined ? '' : `:${location.column}`}: `
      : ''
    return `${isInterrupted(error) ? '' : 'Error: '}${place}${error.message}${error.next ? `\nNext: ${error.next}` : ''}`
  }
  if (isUsage(error))
    return `Error: ${usageText(error)}\nNext: ${command === undefined ? 'schemactl --help lists the commands' : `schemactl ${command} --help tells what it takes`}.`
  const code = codeOf(error) ?? ''
  if (/^[0-9A-Z]{5}$/.test(code)) return `Error: PostgreSQL says: ${error.message} (SQLSTATE ${code})\nNext: ${nextAfter(code)}`
  const refusal = systemRefusal(error)
  if ('syscall' in error && error.syscall === 'uv_cwd') return `Error: The working folder is gone.\nNext: Change to one that is there.`
  if (refusal !== null) return `Error: ${pathOf(error)}${refusal.reason}.\nNext: ${refusal.next}`
  if (/^E[A-Z]+$/.test(code)) return `Error: ${error.message}\nNext: Check the path and who may use it.`
  return `This is a bug in schemactl: ${error.stack ?? error.message}\nNext: please report it with the command that you ran.`
}

/** As people write it where they are. */
function fromHere(file: string): string {
  return isAbsolute(file) ? shown(file) : file
}

interface ErrorJson {
  readonly error: { readonly [name: string]: unknown }
}

/** The same for --json, as text. */
export function errorJson(error: Error, command?: string): string {
  return JSON.stringify(jsonOf(error, command), (_, value: unknown) => (typeof value === 'string' ? shortened(value) : value), 2)
}

function jsonOf(error: Error, command?: string): ErrorJson {
  const { message } = error
  if (error instanceof UserError) {
    const { code, location, next } = error
    return { error: { code, message, location, next } }
  }
  if (isSourceError(error)) return { error: { code: 'source', message, messages: error.messages, next: nextOf(error) } }
  const next = /\nNext: (.+)$/.exec(textOf(error, command))?.[1]
  return { error: isUsage(error) ? { code: 'usage', message: usageText(error), next } : { code: codeOf(error) ?? 'bug', message, next } }
}

function pathOf(error: Error): string {
  return 'path' in error ? `${String(error.path)}: ` : 'syscall' in error ? `${String(error.syscall)}: ` : ''
}

/** By the beginnings of SQLSTATE. */
const NEXT: readonly (readonly [state: string, next: string])[] = [
  ['42501', 'Grant that right to the role, or connect as one that has it.'],
  ['25006', 'Connect to a server that takes writes: this one is a standby, or default_transaction_read_only is on.'],
  ['55P03', 'Run it again once the session that holds the lock is done: pg_stat_activity and pg_locks show it.'],
  ['57014', 'Run it again, with a longer statement_timeout if that cut it off.'],
  ['53', 'Free what the server has run out of, and run it again.'],
  ['08', 'Run it again; the log of the server, or of a pooler in between, tells why the connection ended.'],
  ['57P', 'Run it again; the log of the server tells why the connection ended.'],
]

function nextAfter(code: string): string {
  return (
    NEXT.find(([state]) => code.startsWith(state))?.[1] ??
    'Mend the cause and run it again; schemactl status tells where the database stands.'
  )
}

interface SourceErrorLike extends Error {
  readonly messages: readonly SourceMessage[]
}

/** By its name: its module loads the parser, which few errors need. */
function isSourceError(error: Error): error is SourceErrorLike {
  return error.name === 'SourceError'
}

function nextOf({ messages }: SourceErrorLike): string {
  const [{ hint } = { hint: null }, ...others] = messages
  if (others.length > 0) return 'Mend these places.'
  return hint === null ? 'Mend this place.' : sentence(hint)
}

function isInterrupted(error: Error): boolean {
  return error instanceof UserError && error.code === 'interrupted'
}

/** oclif marks what its parser refuses. */
function isUsage(error: Error): boolean {
  return error instanceof UserError ? error.code === 'usage' : 'oclif' in error
}

/** What oclif's parser says over several lines, as one; a flag that there is not with the one that may be meant. */
function usageText(error: Error): string {
  const lines = (error.message.split(/\n(?:See more help|Note: )/)[0] ?? '').split('\n').map((line) =>
    line
      .trim()
      .replace(/^Missing required flag (?=\w)/, 'Missing required flag --')
      .replace(/^(\w+) {2,}/, '$1: '),
  )
  const [first = '', ...rest] = lines.filter((line) => line !== '' && !/^The following errors? occurred:$/.test(line))
  const text = first.startsWith('Parsing ')
    ? `${first.slice('Parsing '.length)}: ${rest.join('; ')}`
    : [first, ...rest].join(first.endsWith(':') ? ' ' : '; ')
  const meant = flagMeant(error)
  return meant === undefined ? text : `${text}; did you mean --${meant}?`
}

/** What oclif tells with an error: words that it could not place, and the flags of the command. */
interface ParseErrorLike extends Error {
  readonly flags?: unknown
  readonly parse?: { readonly input?: { readonly flags?: object } }
}

function flagMeant({ flags, parse }: ParseErrorLike): string | undefined {
  const [wrong] = Array.isArray(flags) ? flags : []
  return typeof wrong === 'string' ? nearest(wrong.replace(/^-+/, ''), Object.keys(parse?.input?.flags ?? {})) : undefined
}
