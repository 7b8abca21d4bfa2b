import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSeq, parseDocument, stringify } from 'yaml'
import { openJournal } from '../apply/journal.js'
import type { Catalog, CatalogObject } from '../catalog/catalog.js'
import { messageOf, UserError } from '../errors.js'
import { filesOf, readNamed } from '../inspect/inspect.js'
import { writeFiles } from '../inspect/write.js'
import { restrict } from '../plan/replica.js'
import { connect } from '../postgres/connect.js'
import type { Session } from '../postgres/session.js'
import { quoteName } from '../sql/quote.js'
import { writeFirstPlan } from './first-plan.js'
import { initProject } from './init-stage.js'
import { shown } from './plan-folder.js'
import { IGNORE_EXAMPLE } from './project-template.js'
import { stampPlans } from './stamp-stage.js'
import { openWorkspace, type Workspace, type WorkspaceFlags } from './workspace.js'

export interface Imported {
  /** What alembic_version held: more than one where its branches were never merged. */
  readonly revisions: readonly string[]
  readonly files: readonly string[]
  /** Found, but modelled by no kind, and so not in the files. */
  readonly unmodelled: readonly string[]
  /** What the journal has now. */
  readonly plan: string
  /** The file of that plan, which makes the same of an empty database; null where there is none. */
  readonly planFile: string | null
}

/**
 * Takes over a database that Alembic kept: its objects as schema files, its version table left out and ignored, and the journal begun.
 * Overwrites nothing. Where there is no project, the working folder becomes one.
 */
export async function importAlembic(
  workspace: Workspace,
  flags: WorkspaceFlags,
  format: 'sql' | 'yaml',
  say: (text: string) => void,
): Promise<Imported> {
  const session = await connect(workspace.target)
  try {
    const { table, revisions } = await versionTable(session)
    if ((await (await openJournal(session, 'read')).entries()).length > 0)
      throw new UserError('journal-exists', 'This database has a journal of schemactl already.', {
        next: 'schemactl status tells where it stands.',
      })
    const live = withoutTable(await readNamed(session), table)
    const found = await filesOf(live, { schemas: workspace.schemas ?? '*', manage: workspace.manage, format, split: true })
    const folder = workspace.schema[0] ?? join(workspace.folder, 'schema')
    const placed = new Map([...found.files].map(([path, text]) => [join(folder, path), text] as const))
    const written = await writeFiles(placed, { folder, force: false }).catch(inUse)
    const { file: project, files: around } = workspace.project.file === undefined ? await makeProject() : kept(workspace.project.file)
    await ignore(project, table.join('.'))
    const title = `alembic ${revisions.join(' ') || 'base'}`
    return {
      revisions,
      files: [...written.files, ...around].map(shown),
      unmodelled: found.unmodelled,
      ...(await record(await openWorkspace(flags), session, title, say)),
    }
  } finally {
    await session.close()
  }
}

/** The files are of this project, whatever becomes of the plan. */
async function record(
  workspace: Workspace,
  session: Session,
  title: string,
  say: (text: string) => void,
): Promise<Pick<Imported, 'plan' | 'planFile'>> {
  const file = await writeFirstPlan(workspace, session, title, say).catch((error: unknown) => {
    say(`Warning: no plan makes this database from nothing. ${messageOf(error)}`)
    return null
  })
  const { plans, unlike } = await stampPlans(workspace, session, 'head', title)
  if (unlike.length > 0) say(`Not as ${plans.at(-1)?.id} makes them: ${unlike.join(', ')}`)
  return { plan: plans.at(-1)?.id ?? '', planFile: file && shown(file) }
}

interface ProjectFiles {
  readonly file: string
  /** What was written, or changed. */
  readonly files: readonly string[]
}

async function makeProject(): Promise<ProjectFiles> {
  const { folder, written } = await initProject('.', { example: false })
  return { file: join(folder, 'schemactl.yaml'), files: written.map((name) => join(folder, name)) }
}

function kept(file: string): ProjectFiles {
  return { file, files: [file] }
}

function inUse(error: unknown): never {
  if (!(error instanceof UserError) || (error.code !== 'file-exists' && error.code !== 'folder-in-use')) throw error
  throw new UserError('folder-in-use', error.message, {
    next: 'Where they are of another database of this project, schemactl stamp PLAN records which plan this one stands at; else name an empty folder with --schema.',
    cause: error,
  })
}

/** Alembic's table may be in any schema; its name is the one that nearly everybody leaves it. */
async function versionTable(session: Session): Promise<{ readonly table: readonly string[]; readonly revisions: readonly string[] }> {
  const tables = await session.query<{ schema: string; name: string }>(
    `select n.nspname::text as schema, c.relname::text as name
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'version_num' and not a.attisdropped
     where c.relkind = 'r' and c.relname = 'alembic_version' order by 1`,
  )
  const [first, second] = tables
  if (!first)
    throw new UserError('not-alembic', `${session.label} has no table alembic_version.`, {
      next: 'For a database that Alembic does not keep: schemactl inspect --split --out schema, then schemactl stamp head.',
    })
  if (second)
    throw new UserError('several-versions', `There is an alembic_version in ${tables.map(({ schema }) => schema).join(' and ')}.`, {
      next: 'schemactl inspect writes the database as files; name these tables under ignore: in schemactl.yaml.',
    })
  const table = [first.schema, first.name]
  const rows = await session.query<{ revision: string }>(`select version_num::text as revision from ${quoteName(...table)} order by 1`)
  return { table, revisions: rows.map(({ revision }) => revision) }
}

/** Without the table, and all that belongs to it. */
function withoutTable(catalog: Catalog, table: readonly string[]): Catalog {
  const belongs = (object: CatalogObject | undefined): boolean =>
    object !== undefined &&
    ((object.id.kind === 'table' && object.id.path.join('\0') === table.join('\0')) ||
      (object.parent !== undefined && belongs(catalog.objects.get(object.parent))))
  return { ...restrict(catalog, (key) => !belongs(catalog.objects.get(key))), unmodelled: catalog.unmodelled }
}

/** Adds the name to `ignore:`; all else in the file stays as it was written. */
async function ignore(file: string, name: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const document = parseDocument(text)
  const known = document.get('ignore')
  if (known === undefined && text.includes(IGNORE_EXAMPLE)) {
    const names = stringify([name], { collectionStyle: 'flow', ...STYLE }).trim()
    return writeFile(
      file,
      text.replace(IGNORE_EXAMPLE, () => `ignore: ${names}`),
    )
  }
  if (isSeq(known) && known.toJSON().includes(name)) return
  if (isSeq(known)) known.add(name)
  else document.set('ignore', document.createNode([...(typeof known === 'string' ? [known] : []), name], { flow: true }))
  await writeFile(file, document.toString(STYLE))
}

const STYLE = { lineWidth: 0, flowCollectionPadding: false } as const
