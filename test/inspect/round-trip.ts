import type { Catalog } from '../../src/catalog/catalog.js'
import { targetState } from '../../src/diff/scope.js'
import { stepsBetween } from '../../src/diff/steps.js'
import { type Form, filesOf } from '../../src/inspect/inspect.js'
import { planChanges } from '../../src/plan/stage.js'
import { connect } from '../../src/postgres/connect.js'
import { introspect } from '../../src/postgres/introspect.js'
import { load } from '../../src/postgres/load.js'
import type { Session } from '../../src/postgres/session.js'
import type { Shadow } from '../../src/postgres/shadow.js'
import { SourceError } from '../../src/source/read.js'
import { readSql } from '../../src/source/sql.js'
import type { Statement } from '../../src/source/statement.js'
import { readYaml } from '../../src/source/yaml/yaml.js'
import { type Parser, startParser } from '../../src/sql/parser.js'
import { createDatabase, dropDatabase } from '../servers/databases.js'

const MANAGED = ['owners', 'privileges'] as const

export const FORMS: readonly Form[] = [
  { format: 'sql', split: false, schemas: '*', manage: MANAGED },
  { format: 'sql', split: true, schemas: '*', manage: [] },
  { format: 'yaml', split: false, schemas: '*', manage: [] },
  { format: 'yaml', split: true, schemas: '*', manage: MANAGED },
]

/** An empty database in which files are loaded, and what it has by itself. */
export interface Bench {
  readonly url: string
  readonly session: Session
  readonly base: Catalog
  readonly parser: Parser
  close(): Promise<void>
}

export async function openBench(url: string): Promise<Bench> {
  const session = await connect({ kind: 'url', url })
  const parser = startParser()
  const close = async () => {
    await parser.close()
    await session.close()
  }
  return { url, session, base: await introspect(session), parser, close }
}

/**
 * Writes a database as files in each form and says what a plan against them would do: nothing, if all is well. `elder`: another database,
 * of the same state, to write the files from.
 */
export async function roundTrip(url: string, bench: Bench, forms: readonly Form[] = FORMS, elder?: string): Promise<string[]> {
  const session = await connect({ kind: 'url', url }, { readOnly: true })
  try {
    const live = await introspect(session)
    const written = elder === undefined ? live : await catalogOf(elder)
    const found: string[] = []
    for (const form of forms) {
      const name = [form.format, ...(form.split ? ['split'] : []), ...form.manage].join(' ')
      const { files } = await filesOf(written, form)
      const differences = await differencesOf(files, form, live, bench)
      // PostgreSQL spells some expressions anew once they are read back, which a whole plan knows to be no change.
      if (differences.length > 0 && (await plansNothing(session, files, form, bench))) continue
      found.push(...differences.map((difference) => `${name}: ${difference}`))
    }
    return found
  } finally {
    await session.close()
  }
}

async function differencesOf(
  files: ReadonlyMap<string, string>,
  form: Form,
  live: Catalog,
  { session, base, parser }: Bench,
): Promise<string[]> {
  try {
    const statements = await read(files, form, parser)
    await session.execute('begin')
    await load(session, statements, { searchPath: ['public'], stubRoles: false })
    const wanted = await introspect(session, { inTransaction: true })
    const scope = { schemas: '*' as const, manage: new Set(form.manage), ignore: [], formerly: new Set<string>() }
    const { catalog } = targetState({ catalog: wanted, base, stated: () => false }, live, scope)
    return stepsBetween(live, catalog).map((step) => `${step.title} {${step.sql.join('; ')}}`)
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  } finally {
    await session.execute('rollback')
  }
}

async function plansNothing(live: Session, files: ReadonlyMap<string, string>, form: Form, { url, parser }: Bench): Promise<boolean> {
  try {
    const source = { statements: await read(files, form, parser), warnings: [], files: [...files.keys()], hash: '' }
    const request = {
      live,
      source,
      title: null,
      searchPath: ['public'],
      schemas: '*',
      manage: form.manage,
      ignore: [],
      allow: ['all'],
      parent: null,
      formerly: new Set<string>(),
    } as const
    return (await planChanges({ ...request, shadow: () => openShadow(url) })).plan === null
  } catch {
    return false
  }
}

async function openShadow(server: string): Promise<Shadow> {
  const url = await createDatabase(server)
  const session = await connect({ kind: 'url', url })
  const close = async () => {
    await session.close()
    await dropDatabase(url)
  }
  return { session, description: 'database of the test', embedded: false, major: 0, close }
}

async function catalogOf(url: string): Promise<Catalog> {
  const session = await connect({ kind: 'url', url }, { readOnly: true })
  try {
    return await introspect(session)
  } finally {
    await session.close()
  }
}

/** In the order of their names, as a folder is read. */
async function read(files: ReadonlyMap<string, string>, { format }: Form, parser: Parser): Promise<Statement[]> {
  const statements: Statement[] = []
  for (const [file, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const reading = await (format === 'yaml' ? readYaml({ file, text, format }, parser) : readSql({ file, text, format }, parser))
    if (reading.errors.length > 0) throw new SourceError(reading.errors)
    statements.push(...reading.statements)
  }
  return statements
}
