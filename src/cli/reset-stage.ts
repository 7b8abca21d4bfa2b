import { chainOf } from '../apply/chain.js'
import { noteDevelopment } from '../apply/development.js'
import { openJournal } from '../apply/journal.js'
import { UserError } from '../errors.js'
import { dropManaged, reach } from '../plan/reach.js'
import type { DatabaseError } from '../postgres/database-error.js'
import type { Session } from '../postgres/session.js'
import { readFiles } from '../source/files.js'
import { formatMessage } from '../source/message.js'
import { quoteSearchPath } from '../sql/quote.js'
import { readScript, type ScriptStatement } from '../sql/script.js'
import { observer, onDatabase } from './dev-stage.js'
import { requestOf } from './plan-stage.js'
import { count } from './quantity.js'
import { readSchema } from './schema-files.js'
import { refuseProtected } from './unprotected.js'
import type { Workspace } from './workspace.js'

export interface Reset {
  readonly dropped: number
  readonly made: number
  /** Seed files that were run. */
  readonly seeded: readonly string[]
  readonly seconds: number
}

/** Drops what is managed, makes it anew from the files, and runs the seed. Everything is read and asked for before anything is dropped. */
export async function resetDatabase(
  workspace: Workspace,
  say: (text: string) => void,
  confirm: (question: string) => Promise<void>,
): Promise<Reset> {
  refuseProtected(workspace, 'reset')
  const source = await readSchema(workspace)
  const seeds = await readSeeds(workspace)
  await confirm(`Drop all that is managed in ${workspace.label}, with its rows, and make it anew?`)
  const started = Date.now()
  return onDatabase(workspace, say, 'reset', async (session, journal, around) => {
    const request = await requestOf(workspace, session, journal, source, chainOf([], await journal.entries()), null, say)
    const silent = { guard: () => undefined, ran: () => undefined }
    const dropped = await dropManaged(request, around(silent))
    say(`Dropped what was managed: ${count(dropped.length, 'step')}.`)
    const { steps } = await reach(request, around({ ...observer({ allow: ['all'] }, say), guard: () => undefined }))
    for (const { file, text } of seeds) await plant(session, file, text, workspace.searchPath)
    const seconds = (Date.now() - started) / 1000
    await noteDevelopment(session, await openJournal(session, workspace.keeping), 'reset', dropped.length + steps.length, seconds)
    return { dropped: dropped.length, made: steps.length, seeded: seeds.map(({ file }) => file), seconds }
  })
}

async function readSeeds({ seed, folder }: Workspace): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const { files, problems } = await readFiles(seed, folder)
  const [problem] = problems
  if (problem) throw new UserError('bad-seed', formatMessage(problem), { next: 'Mend seed: in schemactl.yaml, or the file.' })
  const other = files.find(({ format }) => format !== 'sql')
  if (other) throw new UserError('bad-seed', `${other.file} is not SQL.`, { next: 'Seeds are .sql files.' })
  return files
}

/** A file is one transaction; its statements run one by one, as PostgreSQL does not tell which of several a row refused. */
async function plant(session: Session, file: string, text: string, searchPath: readonly string[]): Promise<void> {
  const script = await readScript(text)
  // What cannot be read is PostgreSQL's to refuse.
  const statements = 'statements' in script ? script.statements : [{ text, place: START }]
  await session.execute(`set search_path = ${quoteSearchPath(searchPath)}`)
  await session.execute('begin')
  try {
    for (const statement of statements) await sow(session, file, statement)
    // A deferred constraint refuses only here.
    await sow(session, file, { text: 'commit', place: statements.at(-1)?.place ?? START })
  } catch (error) {
    await session.execute('rollback').catch(() => undefined)
    throw error
  } finally {
    await session.execute('reset search_path').catch(() => undefined)
  }
}

const START = { line: 1, column: 1 }

async function sow(session: Session, file: string, { text, place }: Pick<ScriptStatement, 'text' | 'place'>): Promise<void> {
  try {
    await session.execute(text)
  } catch (error) {
    const { message, position = 0 } = error as DatabaseError
    const further = [...text].slice(0, position).filter((character) => character === '\n').length
    throw new UserError('seed-failed', `PostgreSQL refuses this seed: ${message}`, {
      location: { file, line: place.line + further },
      next: 'Mend the file, and reset again. The schema was made; nothing of this file was kept.',
      cause: error,
    })
  }
}
