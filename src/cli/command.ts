import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { errorJson, exitCodeOf, formatError } from './errors.js'
import { interrupted, NOTHING_CHANGED } from './interrupted.js'
import { isEnding, tellEnding } from './signals.js'
import { talkOn } from './talk.js'
import type { Workspace, WorkspaceFlags } from './workspace.js'

/** The one table of exit codes; the README repeats it. */
export const EXIT = { done: 0, error: 1, differences: 2, usage: 64 } as const

export const urlFlags = {
  url: Flags.string({ description: 'Database to work on, as a PostgreSQL URL', helpValue: 'URL' }),
  env: Flags.string({ description: 'Environment of schemactl.yaml to work on', helpValue: 'NAME', exclusive: ['url'] }),
  config: Flags.string({ description: 'schemactl.yaml to use; default: the nearest one above the working folder', helpValue: 'FILE' }),
}

export const schemaFlags = {
  schema: Flags.string({
    description: 'Schema folder or file; may be given more than once',
    helpValue: 'PATH',
    multiple: true,
    multipleNonGreedy: true,
  }),
  shadow: Flags.string({ description: 'Where files are loaded and plans rehearsed: embedded, server, or a URL', helpValue: 'WHERE' }),
}

export const scopeFlags = {
  schemas: Flags.string({
    description: `Schemas to manage, separated by commas (one with a comma in double quotes); '*' for the whole database`,
    helpValue: 'NAME,…',
  }),
  manage: Flags.string({ description: 'Compare also where the files say nothing: owners, privileges, roles', helpValue: 'SORT,…' }),
}

export const allowFlag = {
  allow: Flags.string({ description: 'Losses to allow: drop-table, drop-column, …, or all', helpValue: 'CLASS,…' }),
}

/** By which way a plan gets to the files, and what they cannot say. */
export const wayFlags = {
  rename: Flags.string({
    description: 'Rename instead of dropping and creating, such as public.t.old=new; may be given more than once',
    helpValue: 'OLD=NEW',
    multiple: true,
    multipleNonGreedy: true,
  }),
  online: Flags.string({
    description: 'Tables that are changed while others read and write: auto (above 1 MiB), always, never',
    helpValue: 'WHICH',
  }),
  drops: Flags.string({
    description: 'Rows of dropped tables and columns: archive keeps them aside until purge, drop does not',
    helpValue: 'HOW',
  }),
  'drop-role': Flags.string({ description: 'Roles to drop, which no file says; with --manage roles', helpValue: 'NAME,…' }),
  'roles-only': Flags.boolean({ description: 'Plan what the files say of roles, and nothing else; with --manage roles' }),
}

export const yesFlag = { yes: Flags.boolean({ char: 'y', description: 'Never ask' }) }

export const lockFlag = {
  'lock-timeout': Flags.string({
    description: 'How long a statement may wait for a lock before its transaction is rolled back and tried again: 500ms, 3s; 0: for ever',
    helpValue: 'TIME',
    default: '3s',
  }),
}

export const signatureFlag = {
  'require-signature': Flags.integer({
    description: 'Only plans that so many signers have approved, by default one; where the environment wants more, so many',
    helpValue: '[=N]',
    min: 1,
  }),
}

/** oclif knows no flag whose value may be left out. */
export function withSignatureNumber(argv: readonly string[]): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const isAlone = (i: number) => i < end && argv[i] === '--require-signature' && !/^-?\d+$/.test(argv[i + 1] ?? '')
  return argv.map((word, i) => (isAlone(i) ? '--require-signature=1' : word))
}

/** Milliseconds; a temporary database is removed before an error gets here. */
const LINGERS = 3000

/** Flags that every command has, and the one place that prints and exits. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** What a signal leaves that ends the command before it has said more; told anew before something is written. */
  protected leaves: string = NOTHING_CHANGED

  protected override async init(): Promise<void> {
    await super.init()
    tellEnding(() => this.tellError(interrupted(this.leaves)))
  }

  /** Finds project and database, and says first which database it is. */
  protected async open(flags: WorkspaceFlags): Promise<Workspace> {
    const { openWorkspace } = await import('./workspace.js')
    const workspace = await openWorkspace(flags)
    this.say(`Database: ${workspace.label}`)
    return workspace
  }

  /** Talk goes to stderr, results to stdout; neither with --json. */
  protected say = (text: string): void => {
    if (!this.jsonEnabled()) this.talk.say(text)
  }

  /** What is told again and again while something long runs. */
  protected tick = (text: string): void => {
    if (!this.jsonEnabled()) this.talk.tick(text)
  }

  private readonly talk = talkOn(process.stderr)

  protected show(text: string): void {
    this.talk.end()
    if (!this.jsonEnabled()) process.stdout.write(`${text}\n`)
  }

  protected leave(code: number): void {
    process.exitCode = code
  }

  protected override async catch(error: Error): Promise<unknown> {
    // The signal has the last word, and ends the process.
    if (isEnding()) return new Promise(() => undefined)
    process.exitCode = exitCodeOf(error)
    // A connection that the failure left open must not keep a process that has said its last word.
    setTimeout(() => process.exit(), LINGERS).unref()
    this.tellError(error)
    return undefined
  }

  private tellError(error: Error): void {
    this.talk.end()
    const command = this.id?.replaceAll(':', ' ')
    if (this.jsonEnabled()) process.stdout.write(`${errorJson(error, command)}\n`)
    else process.stderr.write(`${formatError(error, command)}\n`)
  }
}
