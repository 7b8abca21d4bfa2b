import type { Statement } from '../source/statement.js'
import { quoteIdentifier, quoteSearchPath } from '../sql/quote.js'
import { inThisDatabase, isAboutRoles } from './cluster-statements.js'
import { withLabelsAtOnce } from './enum-labels.js'
import { type DatabaseErrorLike, loadError, missingRole, SAVEPOINT } from './load-error.js'
import type { Session } from './session.js'

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
 * fails, one by one, and what fails is tried again after the rest, until a round brings nothing more.
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
  if (await tryBatch(session, wanted, start)) return []
  return loadOneByOne(session, wanted, start, options)
}

async function tryBatch(session: Session, statements: readonly Statement[], start: string): Promise<boolean> {
  const text: string[] = ['savepoint schemactl_load']
  let file = ''
  for (const statement of statements) {
    if (statement.file !== file) text.push('reset all', start)
    file = statement.file
    text.push(statement.text)
  }
  try {
    await session.execute(`${text.join('\n;\n')}\n;\nreset all; release savepoint schemactl_load`)
    return true
  } catch {
    await session.execute('rollback to savepoint schemactl_load; release savepoint schemactl_load')
    return false
  }
}

async function loadOneByOne(
  session: Session,
  statements: readonly Statement[],
  start: string,
  options: LoadOptions,
): Promise<LoadWarning[]> {
  const unchecked: Unchecked[] = []
  let waiting = statements
    .filter((s) => !SETTING.has(s.node))
    .map((statement) => ({ statement, settings: settingsBefore(statement, statements) }))
  let bodies = 'on'
  for (;;) {
    const failed: { readonly statement: Statement; readonly settings: string; readonly error: DatabaseErrorLike }[] = []
    let current = ''
    for (const entry of waiting) {
      const [waitsFor] = failed
      if (waitsFor && AMBIENT.has(entry.statement.node)) {
        failed.push({ ...entry, error: waitsFor.error })
        continue
      }
      const settings = `reset all; ${start};\n${entry.settings}\n;set local check_function_bodies = ${bodies}`
      const error = await attempt(session, entry.statement, settings === current ? '' : settings, options)
      current = error === null ? settings : ''
      if (error === null) {
        if (bodies === 'off' && entry.statement.node === ROUTINE) unchecked.push(await uncheckedRoutine(session, entry.statement))
        continue
      }
      if (IMPERATIVE.has(entry.statement.node)) throw loadError(entry.statement, error, statements, options)
      failed.push({ ...entry, error })
    }
    if (failed.length === 0) break
    if (failed.length === waiting.length) {
      const [first] = failed
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

interface Unchecked {
  readonly statement: Statement
  readonly name: string
  /** The call by which its language looks at its body; null: its language does not. */
  readonly check: string | null
}

/** The routine that was made last, by this statement. */
async function uncheckedRoutine(session: Session, statement: Statement): Promise<Unchecked> {
  const [row] = await session.query<{ name: string; check: string | null }>(
    `select pg_catalog.format('%s %s', case p.prokind when 'p' then 'procedure' else 'function' end, p.oid::pg_catalog.regprocedure) as name,
            case when l.lanvalidator <> 0 then pg_catalog.format('select %s(%s)', l.lanvalidator::pg_catalog.regproc, p.oid) end as check
     from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
     order by pg_catalog.age(p.xmin) limit 1`,
  )
  return { statement, name: row?.name ?? 'this routine', check: row?.check ?? null }
}

/** Bodies that name what does not exist, now that all is there. */
async function bodyWarnings(session: Session, unchecked: readonly Unchecked[], start: string): Promise<LoadWarning[]> {
  const warnings: LoadWarning[] = []
  for (const { statement, name, check } of unchecked) {
    if (check === null) continue
    try {
      await session.execute(`savepoint schemactl_load; reset all; ${start}; ${check}`)
    } catch (error) {
      warnings.push({ statement, message: `the body of ${name} could not be checked: ${(error as DatabaseErrorLike).message}` })
    }
    await session.execute('rollback to savepoint schemactl_load; release savepoint schemactl_load')
  }
  return warnings
}

/** Settings of the same file hold for what follows in it. */
function settingsBefore(statement: Statement, statements: readonly Statement[]): string {
  let text = ''
  for (const other of statements) {
    if (other === statement) break
    if (other.file === statement.file && (SETTING.has(other.node) || isSetConfig(other))) text += `${other.text};\n`
  }
  return text
}

function isSetConfig(statement: Statement): boolean {
  return statement.node === 'SelectStmt' && statement.subject === null && /set_config/i.test(statement.text)
}

async function attempt(session: Session, statement: Statement, settings: string, options: LoadOptions): Promise<DatabaseErrorLike | null> {
  for (let tries = 0; ; tries++) {
    try {
      if (settings !== '') await applySettings(session, settings)
      await session.execute(`${SAVEPOINT}${statement.text}\n;release savepoint schemactl_load`)
      return null
    } catch (error) {
      await session.execute('rollback to savepoint schemactl_load; release savepoint schemactl_load')
      const role = options.stubRoles && tries < 20 ? missingRole(error as DatabaseErrorLike) : null
      if (role === null) return error as DatabaseErrorLike
      await session.execute(`create role ${quoteIdentifier(role)}`)
    }
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
