import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import pg from 'pg'
import pgvector from 'pgvector/pg'
import { apply, revert } from '../../src/apply/apply.js'
import { openJournal } from '../../src/apply/journal.js'
import type { Plan } from '../../src/plan/plan.js'
import type { Session } from '../../src/postgres/session.js'
import { readSource } from '../../src/source/read.js'
import { runServers } from '../servers/index.js'
import { ROOT } from '../servers/root.js'
import { withDatabase } from './database.js'
import { planFor } from './round-trip.js'

const server = runServers().find(({ withoutVector }) => withoutVector === null)
const withVector = server === undefined ? test.skip : test

/** A vector of 768 numbers that points mostly along one axis. */
function along(axis: number): number[] {
  return Array.from({ length: 768 }, (_, i) => (i === axis ? 1 : i === axis + 1 ? 0.25 : 0))
}

withVector(
  'vectors of the example are written and found before a migration, after it and after its revert',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'schemactl-example-'))
    try {
      await cp(join(ROOT, 'schema'), folder, { recursive: true })
      await withDatabase(server ?? { url: '' }, async (url, session) => {
        await migrate(url, session, folder)
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        try {
          await pgvector.registerTypes(client)
          await client.query(`insert into documentos (id, titulo) values ('00000000-0000-0000-0000-000000000001', 'El primero')`)
          for (const axis of [1, 5, 9]) await write(client, axis)
          expect(await nearest(client, 5)).toEqual({ contenido: 'eje 5', embedding: along(5) })

          await edit(join(folder, 'fragmentos.yaml'), 'posicion:\n        type: integer', 'posicion:\n        type: bigint')
          await edit(join(folder, 'fragmentos.yaml'), 'vector_cosine_ops', 'vector_l2_ops')
          await edit(join(folder, 'documentos.sql'), `'publicado', 'archivado'`, `'publicado', 'retirado', 'archivado'`)
          const plan = await migrate(url, session, folder)
          await write(client, 700)
          expect(await nearest(client, 700)).toEqual({ contenido: 'eje 700', embedding: along(700) })
          expect(await nearest(client, 9)).toEqual({ contenido: 'eje 9', embedding: along(9) })

          await revert(session, await openJournal(session, 'object'), plan, () => undefined)
          expect(await nearest(client, 700)).toEqual({ contenido: 'eje 700', embedding: along(700) })
        } finally {
          await client.end()
        }
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  120_000,
)

async function migrate(url: string, session: Session, folder: string): Promise<Plan> {
  const lane = { server: { url, major: server?.major ?? 0 }, shadow: 'server' as const }
  const source = await readSource([folder])
  const plan = await planFor(lane, session, { source })
  if (plan === null) throw new Error('there is nothing to plan')
  await apply(session, await openJournal(session, 'object'), plan, () => undefined)
  expect(await planFor(lane, session, { source })).toBeNull()
  return plan
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(file, text.replace(from, to))
}

function write(client: pg.Client, axis: number): Promise<unknown> {
  return client.query(
    `insert into fragmentos (documento_id, posicion, contenido, embedding) values ('00000000-0000-0000-0000-000000000001', $1, $2, $3)`,
    [axis, `eje ${axis}`, pgvector.toSql(along(axis))],
  )
}

async function nearest(client: pg.Client, axis: number): Promise<unknown> {
  const { rows } = await client.query(`select contenido, embedding from fragmentos order by embedding <=> $1 limit 1`, [
    pgvector.toSql(along(axis)),
  ])
  return rows[0]
}
