import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Catalog } from '../../src/catalog/catalog.js'
import { type Sort, targetState } from '../../src/diff/scope.js'
import { stepsBetween } from '../../src/diff/steps.js'
import { inspect } from '../../src/inspect/inspect.js'
import { connect } from '../../src/postgres/connect.js'
import { introspect } from '../../src/postgres/introspect.js'
import { load } from '../../src/postgres/load.js'
import { readSource } from '../../src/source/read.js'
import { createDatabase, dropDatabase } from '../servers/databases.js'

export interface Form {
  readonly format: 'sql' | 'yaml'
  readonly split: boolean
  readonly manage: readonly Sort[]
}

export const FORMS: readonly Form[] = (['sql', 'yaml'] as const).flatMap((format) =>
  [false, true].flatMap((split) => [[], ['owners', 'privileges'] as const].map((manage) => ({ format, split, manage }))),
)

/** Writes a database as files in each form and says what a plan against them would do: nothing, if all is well. */
export async function roundTrip(url: string, forms: readonly Form[] = FORMS): Promise<string[]> {
  const live = await connect({ kind: 'url', url }, { readOnly: true })
  const empty = await createDatabase(url)
  try {
    const catalog = await introspect(live)
    const found: string[] = []
    for (const form of forms) {
      const { files } = await inspect({ live, schemas: '*', ...form })
      const differences = await differencesOf(files, form, catalog, empty)
      found.push(...differences.map((difference) => `${form.format}${form.split ? ' split' : ''}${form.manage.length > 0 ? ' managed' : ''}: ${difference}`))
    }
    return found
  } finally {
    await live.close()
    await dropDatabase(empty)
  }
}

async function differencesOf(files: ReadonlyMap<string, string>, form: Form, live: Catalog, empty: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'schemactl-inspect-'))
  const shadow = await connect({ kind: 'url', url: empty })
  try {
    for (const [path, text] of files) {
      const file = join(folder, path === '' ? `schema.${form.format}` : path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
    }
    const { statements } = await readSource([folder])
    const base = await introspect(shadow)
    await shadow.execute('begin')
    await load(shadow, statements, { searchPath: ['public'], stubRoles: false })
    const wanted = await introspect(shadow, { inTransaction: true })
    await shadow.execute('rollback')
    const scope = { schemas: '*' as const, manage: new Set(form.manage), ignore: [], formerly: new Set<string>() }
    const { catalog } = targetState({ catalog: wanted, base, stated: () => false }, live, scope)
    return stepsBetween(live, catalog).map((step) => `${step.title} {${step.sql.join('; ')}}`)
  } catch (error) {
    return [error instanceof Error ? `${error.message}` : String(error)]
  } finally {
    await shadow.close()
    await rm(folder, { recursive: true })
  }
}
