import type { Statement } from '../source/statement.js'
import { quoteIdentifier, quoteSearchPath } from '../sql/quote.js'
import { attempt } from './attempt.js'
import { inThisDatabase, isAboutRoles } from './cluster-statements.js'
import { withLabelsAtOnce } from './enum-labels.js'
import { type DatabaseErrorLike, loadError, missingRole } from './load-error.js'
import type { Session } from './session.js'
import { bodyWarnings, type Unchecked, uncheckedRoutine } from './unchecked-bodies.js'

export interface LoadOptions {
  readonly searchPath: readonly string[]
  /** Roles that files name and the shadow lacks are made there; on a server they are an error. */
  readonly stubRoles: boolean
  /** Of roles themselves: they are managed, and the shadow is the embedded one. */
  readonly ofRoles?: true
  /** Roles that are best made first, so that all can be loaded at once. */
  readonly roles?: readonly string[]
}

export interface LoadWarning {
  readonly statement: Statement
  readonly message: string
}

/** Never deferred: they act on what stands at that moment. */
const IMPERATIVE = new Set(['DropStmt', 'RenameStmt', 'AlterObjectSchemaStmt', 'CallStmt', 'SelectStmt'])
const ROUTINE = 'CreateFunctionStmt'
const SETTING = new Set(['VariableSetStmt'])
/** They act on what is created after them: none of them runs while something that stands before it waits. */
const AMBIENT = new Set(['AlterDefaultPrivilegesStmt', 'CreateEventTrigStmt', 'AlterEventTrigStmt'])

/**
 * Runs the statements in the open transaction of `session`, whatever their order: first all at once as they stand; where that
 * fails, few by few, and what fails is tried again after the rest, until a round brings nothing more.
 * Fails with a UserError that names the first statement that cannot be loaded.
 */
export async function load(session: Session, statements: readonly Statement[], options: LoadOptions): Promise<LoadWarning[]> {
  if (options.stubRoles) await makeRoles(session, options.roles ?? [])
  return run(
    session,
    statements.filter((statement) => !isAboutRoles(statement)),
    options,
  )
}

/** The same with the statements about roles, which `load` leaves out. */
export function loadRoles(session: Session, statements: readonly Statement[]): Promise<LoadWarning[]> {
  return run(session, statements.filter(isAboutRoles), { searchPath: [], stubRoles: false, ofRoles: true })
}

async function run(session: Session, statements: readonly Statement[], options: LoadOptions): Promise<LoadWarning[]> {
  const wanted = withLabelsAtOnce(await inThisDatabase(session, statements))
  const start = `set local search_path = ${quoteSearchPath(options.searchPath)}; set local check_function_bodies = on; set local client_min_messages = error`
  if ((await attempt(session, wholeFiles(wanted, start))) === null) return []
  return loadInRounds(session, wanted, start, options)
}

/** File by file, each with the settings of the start. */
function wholeFiles(statements: readonly Statement[], start: string): readonly string[] {
  const text: string[] = []
  let file = ''
  for (const statement of statements) {
    if (statement.file !== file) text.push('reset all', start)
    file = statement.file
    text.push(statement.text)
  }
  return [...text, 'reset all']
}

interface Waiting {
  readonly statement: Statement
  /** What its file had set before it. */
  readonly settings: string
}

interface Failed extends Waiting {
  readonly error: DatabaseErrorLike
}

async function loadInRounds(
  session: Session,
  statements: readonly Statement[],
  start: string,
  options: LoadOptions,
): Promise<LoadWarning[]> {
  const unchecked: Unchecked[] = []
  let waiting: readonly Waiting[] = withSettings(statements)
  let bodies = 'on'
  for (;;) {
    const failed: Failed[] = []
    let current = ''
    const tryAll = async (entries: readonly Waiting[]): Promise<void> => {
      const [entry] = entries
      if (!entry) return
      const texts = entries.map(({ statement }) => statement.text)
      const settings = `reset all; ${start};\n${entry.settings}\n;set local check_function_bodies = ${bodies}`
      if (settings !== current) await applySettings(session, settings)
      current = settings
      if (entries.length > 1) {
        if ((await attempt(session, texts)) === null) return
        const middle = Math.ceil(entries.length / 2)
        await tryAll(entries.slice(0, middle))
        await tryAll(entries.slice(middle))
        return
      }
      const error = await attemptWithRoles(session, entry.statement, options)
      if (error === null && bodies === 'off' && entry.statement.node === ROUTINE)
        unchecked.push(await uncheckedRoutine(session, entry.statement))
      if (error === null) return
      if (IMPERATIVE.has(entry.statement.node)) throw loadError(entry.statement, error, statements, options)
      failed.push({ ...entry, error })
    }
    for (const entries of runsOf(waiting, bodies)) {
      const [waitsFor] = failed
      if (waitsFor && AMBIENT.has(entries[0]?.statement.node ?? ''))
        failed.push(...entries.map((entry) => ({ ...entry, error: waitsFor.error })))
      else await tryAll(entries)
    }
    if (failed.length === 0) break
    if (failed.length === waiting.length) {
      // What lacks an extension fails with it, and may stand before it.
      const first = failed.find(({ statement }) => statement.node === 'CreateExtensionStmt') ?? failed[0]
      if (bodies === 'off' || !failed.some((entry) => entry.statement.node === ROUTINE))
        throw loadError(first?.statement, first?.error, statements, options)
      bodies = 'off'
    }
    waiting = failed
  }
  const warnings = await bodyWarnings(session, unchecked, start)
  await session.execute('reset all')
  return warnings
}

/** As many are sent at once: where one fails, half of them are tried, and half of these. */
const MOST = 64

/** What can be tried at once, in its order: under the same settings, and nothing that must be looked at by itself. */
function runsOf(waiting: readonly Waiting[], bodies: string): readonly (readonly Waiting[])[] {
  const isApart = ({ statement: { node } }: Waiting) => AMBIENT.has(node) || IMPERATIVE.has(node) || (bodies === 'off' && node === ROUTINE)
  const runs: Waiting[][] = []
  for (const entry of waiting) {
    const [run, last] = [runs.at(-1), runs.at(-1)?.at(-1)]
    const goesOn = run && last && run.length < MOST && last.settings === entry.settings && !isApart(last) && !isApart(entry)
    if (goesOn) run.push(entry)
    else runs.push([entry])
  }
  return runs
}

/** Settings of the same file hold for what follows in it. */
function withSettings(statements: readonly Statement[]): Waiting[] {
  const byFile = new Map<string, string>()
  return statements.flatMap((statement) => {
    const settings = byFile.get(statement.file) ?? ''
    const sets = SETTING.has(statement.node)
    if (sets || isSetConfig(statement)) byFile.set(statement.file, `${settings}${statement.text};\n`)
    return sets ? [] : [{ statement, settings }]
  })
}

function isSetConfig(statement: Statement): boolean {
  return statement.node === 'SelectStmt' && statement.subject === null && /set_config/i.test(statement.text)
}

async function attemptWithRoles(session: Session, statement: Statement, options: LoadOptions): Promise<DatabaseErrorLike | null> {
  for (let tries = 0; ; tries++) {
    const error = await attempt(session, [statement.text])
    const role = error && options.stubRoles && tries < 20 ? missingRole(error) : null
    if (role === null) return error
    await session.execute(`create role ${quoteIdentifier(role)}`)
  }
}

/** A setting that this major does not have (transaction_timeout in a newer dump) is passed over, as psql without ON_ERROR_STOP does. */
async function applySettings(session: Session, settings: string): Promise<void> {
  for (const part of settings.split(/;\n?/)) {
    if (part.trim() === '') continue
    await session.execute('savepoint schemactl_set')
    try {
      await session.execute(part)
      await session.execute('release savepoint schemactl_set')
    } catch {
      await session.execute('rollback to savepoint schemactl_set; release savepoint schemactl_set')
    }
  }
}

/** Stand-ins, where they are not there. */
export async function makeRoles(session: Session, names: readonly string[]): Promise<void> {
  const known = new Set(
    (await session.query<{ name: string }>('select rolname::text as name from pg_catalog.pg_roles')).map(({ name }) => name),
  )
  for (const name of new Set(names)) if (!known.has(name)) await session.execute(`create role ${quoteIdentifier(name)}`)
}
