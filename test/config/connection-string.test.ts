import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { connectionSettings } from '../../src/config/connection-settings.js'
import { maskUrl, parseConnectionString } from '../../src/config/connection-string.js'

const read = (text: string) => Object.fromEntries(parseConnectionString(text))

describe('parseConnectionString', () => {
  test.each(['postgres', 'postgresql', 'postgresql+psycopg', 'postgresql+psycopg2', 'postgresql+asyncpg', 'postgresql+pg8000'])(
    'reads %s://',
    (scheme) => {
      expect(read(`${scheme}://me:p%40ss%2F%3A@db:5433/app`)).toEqual({
        user: 'me',
        password: 'p@ss/:',
        host: 'db',
        port: '5433',
        dbname: 'app',
      })
    },
  )

  test.each([
    ['postgresql:///app', { dbname: 'app' }],
    ['postgresql://', {}],
    ['postgresql://me@/app', { user: 'me', dbname: 'app' }],
    ['postgresql://%2Frun%2Fpostgresql:5433/app', { host: '/run/postgresql', port: '5433', dbname: 'app' }],
    ['postgresql:///app?host=/run/postgresql', { host: '/run/postgresql', dbname: 'app' }],
    ['postgresql://[::1]:5433/app', { host: '::1', port: '5433', dbname: 'app' }],
    ['postgresql://a:1,b,c:3/app', { host: 'a,b,c', port: '1,,3', dbname: 'app' }],
    ['postgresql+psycopg:///app?host=a:1&host=b:2', { host: 'a,b', port: '1,2', dbname: 'app' }],
    ['postgresql+asyncpg://db/app?ssl=verify-full&prepared_statement_cache_size=0', { host: 'db', dbname: 'app', sslmode: 'verify-full' }],
    ['postgresql://me:a@b@db/app', { user: 'me', password: 'a@b', host: 'db', dbname: 'app' }],
    ['postgresql://db/app?options=-c%20a%3Db', { host: 'db', dbname: 'app', options: '-c a=b' }],
    [String.raw`host=db port = 5433 password='it\'s' dbname=a\ b`, { host: 'db', port: '5433', password: "it's", dbname: 'a b' }],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test.each([
    'mysql://me:hidden@db/app',
    'postgresql://me:hidden/x@db/app',
    'postgresql://me:hidden%@db/app',
    'postgresql://me:hidden@db/app?sslMode=verify-full',
    'host=db password=hidden sslmod=require',
    "host=db password='hidden",
    '',
  ])('refuses %s without showing the password', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid-url', message: expect.not.stringContaining('hidden') }))
  })
})

describe('maskUrl', () => {
  test.each([
    ['postgresql://me:secret@db/app', 'postgresql://me:***@db/app'],
    ['postgres//me:secret@db/app', 'postgres//me:***@db/app'],
    ['pos\ufffdgres://me:secret@db/app', 'pos\ufffdgres:***@db/app'],
    ['me:secret@db/app', 'me:***@db/app'],
    ['postgres://me:secretAdb:5432/app', 'postgres://me:***/app'],
    ['postgres://a:1,[::1]:2/app?pasword=secret&sslmode=require', 'postgres://a:1,[::1]:2/app?pasword=***&sslmode=require'],
    ['postgresql+psycopg://me:se@cr/et@db/app', 'postgresql+psycopg://me:***@db/app'],
    ['postgresql://db/app?user=me&password=secret&sslpassword=other', 'postgresql://db/app?user=me&password=***&sslpassword=***'],
    [String.raw`host=db password='se\'cret x' user=me`, 'host=db password=*** user=me'],
    ['postgresql://me@db/app', 'postgresql://me@db/app'],
  ])('masks %s', (text, expected) => {
    expect(maskUrl(text)).toBe(expected)
  })
})

describe('connectionSettings', () => {
  test('takes what is missing from the PG* variables', () => {
    const settings = connectionSettings('postgresql://', {
      PGHOST: 'a,b',
      PGPORT: '6000',
      PGUSER: 'me',
      PGPASSWORD: 'pw',
      PGDATABASE: 'app',
      PGSSLMODE: 'require',
      PGCONNECT_TIMEOUT: '3',
    })
    expect(settings).toMatchObject({ user: 'me', database: 'app', timeout: 3000, ssl: { mode: 'require' } })
    expect(settings.servers).toEqual([
      { host: 'a', address: 'a', port: 6000 },
      { host: 'b', address: 'b', port: 6000 },
    ])
    expect(settings.servers.map((server) => settings.passwordFor(server, 'app'))).toEqual(['pw', 'pw'])
  })

  test('finds the password in a password file that only its owner reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'schemactl-test-'))
    const file = join(folder, 'pgpass')
    writeFileSync(file, '# comment\nother:*:*:*:no\ndb:5432:app:me:p\\:w\n*:*:*:me:any\n', { mode: 0o600 })
    const settings = connectionSettings('postgresql://me@db,elsewhere/app', { PGPASSFILE: file })
    expect(settings.servers.map((server) => settings.passwordFor(server, 'app'))).toEqual(['p:w', 'any'])
    const open = join(folder, 'open')
    writeFileSync(open, '*:*:*:*:pw', { mode: 0o644 })
    expect(
      connectionSettings('postgresql://me@db/app', { PGPASSFILE: open }).passwordFor({ host: 'db', address: 'db', port: 5432 }, 'app'),
    ).toBeUndefined()
    rmSync(folder, { recursive: true })
  })

  test.each(['postgresql://db/app?sslmode=full', 'postgresql://db:0/app', 'postgresql://db/app?connect_timeout=soon'])(
    'refuses %s',
    (url) => {
      expect(() => connectionSettings(url, {})).toThrow(expect.objectContaining({ code: 'invalid-url' }))
    },
  )
})
