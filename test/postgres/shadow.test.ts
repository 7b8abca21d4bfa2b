import { expect, test } from '@jest/globals'
import { connect } from '../../src/postgres/connect.js'
import { temporaryDatabase } from '../../src/postgres/shadow.js'
import { query, runServers } from '../servers/index.js'

const [server] = runServers()
if (server === undefined) throw new Error('no server')

test('a temporary database goes, although it has a subscription', async () => {
  const url = server.url
  const admin = await connect({ kind: 'url', url })
  try {
    const shadow = await temporaryDatabase(admin, { kind: 'url', url })
    const [here] = await shadow.session.query<{ name: string }>('select current_database() as name')
    await shadow.session.execute(`create subscription "it's" connection 'host=nowhere' publication p with (connect = false)`)
    await shadow.close()
    expect(await query(url, `select datname from pg_database where datname = '${here?.name}'`)).toEqual([])
  } finally {
    await admin.close()
  }
})
