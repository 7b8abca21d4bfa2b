import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import pgvector from 'pgvector'
import { build } from './build.js'

/*
 * The whole loop, on the embedded database of a project in a temporary folder. Everything that starts with $ is what one would type;
 * the rest of this file plays the people around it: it edits files, writes rows, and alters a table by hand.
 */
const ROOT = resolve(import.meta.dirname, '..')
const started = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'schemactl-demo-'))
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL' && !name.startsWith('PG')))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.on(signal, () => process.exit(code))

try {
  await build()
  await demonstrate()
  console.log(
    `\nThat was the loop, in ${Math.round((Date.now() - started) / 1000)} s. Nothing is left behind; schemactl init DIR begins one to keep.`,
  )
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`)
  process.exitCode = 1
}

async function demonstrate() {
  title('A project: schema files say what the database should be')
  run(['init'])
  excerpt('schema/fragmentos.yaml', 24)

  title('plan: what has to be done, proven on a throwaway database, up and down')
  run(['plan', '-m', 'documents with embeddings'])
  excerpt(join('plans', plans()[0]), 24)

  title('apply: in one transaction, checked before it commits, recorded in the database')
  run(['apply'])
  run(['plan'])

  title('The application writes rows, with vectors')
  await sql(async (database) => {
    await database.query(
      `insert into documentos (titulo, estado) values ('Ñandúes y otras aves', 'publicado'), ('Guía de la lluvia', 'borrador')`,
    )
    for (const [axis, text] of [
      [0, 'corren'],
      [1, 'vuelan'],
      [2, 'llueve'],
    ].entries())
      await database.query(
        `insert into fragmentos (documento_id, posicion, contenido, embedding)
         select id, $1, $2, $3 from documentos where titulo like $4`,
        [axis + 1, text[1], pgvector.toSql(embedding(axis)), axis < 2 ? 'Ñ%' : 'G%'],
      )
    await search(database)
  })

  title('The files change: a shorter type under a view, one more enum label, no audit any more')
  edit('schema/documentos.sql', 'titulo     text not null', 'titulo     varchar(200) not null')
  edit('schema/documentos.sql', `('borrador', 'publicado',`, `('borrador', 'en revisión', 'publicado',`)
  rmSync(join(folder, 'schema/auditoria.sql'))
  say('documentos.titulo is varchar(200), estado has the label en revisión, schema/auditoria.sql is deleted')
  run(['plan', '-m', 'shorter titles, no audit'], 1)
  run(['plan', '-m', 'shorter titles, no audit', '--allow', 'drop-table,narrow-type'])
  run(['apply'])
  run(['status'])

  title('drift: somebody alters the database by hand')
  await sql((database) =>
    database.exec('alter table documentos alter column idioma drop not null; create index a_mano on documentos (idioma)'),
  )
  run(['drift'], 2)
  await sql((database) => database.exec('drop index a_mano; alter table documentos alter column idioma set not null'))

  title('revert: back to where it was, rows included, but for those of the dropped table')
  run(['revert', '--allow', 'remove-label'])
  run(['history'])
  await sql(search)
}

function run(args, expected = 0) {
  console.log(`\n$ schemactl ${args.map((arg) => (/^[\w./,-]+$/.test(arg) ? arg : `"${arg}"`)).join(' ')}`)
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin/run.js'), ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== expected) throw new Error(`schemactl ${args[0]} ended with exit code ${status}, expected ${expected}`)
  if (expected !== 0) say(`exit code ${status}`)
}

function title(text) {
  console.log(`\n\n== ${text}`)
}

function say(text) {
  console.log(`   (${text})`)
}

function plans() {
  return readdirSync(join(folder, 'plans')).filter((name) => name.endsWith('.yaml'))
}

function excerpt(path, lines) {
  const text = readFileSync(join(folder, path), 'utf8').split('\n')
  console.log(`\n--- ${path}, its first lines`)
  console.log(
    text
      .slice(0, lines)
      .map((line) => `    ${line}`)
      .join('\n'),
  )
}

function edit(path, from, to) {
  const text = readFileSync(join(folder, path), 'utf8')
  if (!text.includes(from)) throw new Error(`${path} no longer says ${from}`)
  writeFileSync(join(folder, path), text.replace(from, to))
}

/** What the application would do, between two commands: an embedded database has one user at a time. */
async function sql(work) {
  const database = await PGlite.create(join(folder, '.schemactl/database'), { extensions: { vector } })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

async function search(database) {
  const { rows } = await database.query(
    `select d.titulo, f.contenido, round((f.embedding <=> $1)::numeric, 3) as distancia
     from fragmentos f join documentos d on d.id = f.documento_id order by f.embedding <=> $1 limit 2`,
    [pgvector.toSql(embedding(0.2))],
  )
  say(`nearest: ${rows.map(({ titulo, contenido, distancia }) => `“${contenido}” of “${titulo}” at ${distancia}`).join(', ')}`)
}

/** 768 numbers, of which a few say something. */
function embedding(axis) {
  return Array.from({ length: 768 }, (_, i) => Math.max(0, 1 - Math.abs(i / 100 - axis)))
}
