import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { migrate } from '../../src/index.js'
import { wireStrings } from '../../src/signature/wire.js'
import { createDatabase, dropDatabase, query, runServers } from '../servers/index.js'
import { errorFrom, folderWith, removeFolders, schemactl, schemactlJson } from './schemactl.js'

const [server] = runServers()
if (!server) throw new Error('a test run has a server')

jest.setTimeout(120_000)

/** As a line of allowed_signers has it. */
function lineOf(who: string, publicKey: KeyObject): string {
  const blob = wireStrings('ssh-ed25519', Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
  return `${who} ssh-ed25519 ${blob.toString('base64')}`
}

const PEOPLE = ['ana', 'ben', 'eve'] as const
const keys = new Map(PEOPLE.map((who) => [who, generateKeyPairSync('ed25519')]))
const line = (who: (typeof PEOPLE)[number], as = `${who}@example.com`): string => {
  const pair = keys.get(who)
  if (!pair) throw new Error(`${who} has no key`)
  return lineOf(as, pair.publicKey)
}

let url: string
let cwd: string
let id: string
let plan: string

beforeAll(async () => {
  url = await createDatabase(server)
  cwd = folderWith({
    'schemactl.yaml': `url: ${url}\nsigners: allowed_signers\nenvironments:\n  production: { url: '${url}', requireSignatures: 2 }\n  open: { url: '${url}?' }\n`,
    allowed_signers: `${line('ana')}\n${line('ben')}\n`,
    'schema/a.sql': 'create table a (id int primary key);\ncreate table b (id int primary key);',
    ...Object.fromEntries(
      [...keys].map(([who, { privateKey }]) => [`${who}.pem`, String(privateKey.export({ type: 'pkcs8', format: 'pem' }))]),
    ),
  })
  expect(await schemactl(cwd, ['plan', '-m', 'first'])).toMatchObject({ code: 0 })
  id = readdirSync(join(cwd, 'plans'))[0]?.replace('.yaml', '') ?? ''
  plan = readFileSync(join(cwd, `plans/${id}.yaml`), 'utf8')
})
afterAll(async () => {
  removeFolders()
  await dropDatabase(url)
})

const sign = (who: string) => schemactlJson(cwd, ['plan', 'sign', id, '--key', `${who}.pem`])
const setSigners = (...lines: string[]) => writeFileSync(join(cwd, 'allowed_signers'), lines.join('\n'))
const signatures = () => readdirSync(join(cwd, 'plans')).filter((name) => name.endsWith('.sig'))
/** What a start-up that migrates says. */
const refusal = async (options: Parameters<typeof migrate>[0] = {}): Promise<string> => {
  const error = await migrate({ cwd, env: 'production', ...options }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'not-approved' })
  return (error as Error).message
}

describe('a plan that nobody approved', () => {
  test('does not run where signatures are required, whichever way the database is named', async () => {
    for (const args of [
      ['--url', url],
      [`plans/${id}.yaml`, '--require-signature', '3'],
    ])
      expect(await errorFrom(cwd, ['apply', ...args])).toEqual({ code: 1, error: 'not-approved' })
    expect(await refusal()).toBe(`Plan ${id} needs 2 approvals by different signers, and has none: it is not signed.\nNothing was done.`)
    expect(await query(url, `select to_regclass('public.a') as a, to_regnamespace('schemactl') as journal`)).toEqual([
      { a: null, journal: null },
    ])
  })

  test('is not signed once it was edited, and told where', async () => {
    writeFileSync(join(cwd, `plans/${id}.yaml`), plan.replace('create table public.b (', 'create table public.b (x text, '))
    const { code, said } = await sign('ana')
    expect({ code, said }).toMatchObject({
      code: 1,
      said: { error: { code: 'edited-plan', message: expect.stringMatching(/step 2, “create table public\.b/) } },
    })
    writeFileSync(join(cwd, `plans/${id}.yaml`), plan)
    expect(signatures()).toEqual([])
  })
})

describe('a signature', () => {
  test('is not written where the file of signers is not there', async () => {
    const config = readFileSync(join(cwd, 'schemactl.yaml'), 'utf8')
    writeFileSync(join(cwd, 'schemactl.yaml'), `${config.replace(/^signers:.*$/m, '')}\nsigners: [nowhere]\n`)
    expect(await sign('ana')).toMatchObject({ code: 1, said: { error: { code: 'no-signers-file' } } })
    expect(signatures()).toEqual([])
    writeFileSync(join(cwd, 'schemactl.yaml'), config)
  })

  test('lies beside the plan, once for each key, and says whose it is', async () => {
    const first = await sign('ana')
    expect(first).toMatchObject({
      code: 0,
      said: {
        plan: id,
        already: false,
        key: expect.stringMatching(/^SHA256:/),
        required: { production: 2 },
        approvals: [{ signer: 'ana@example.com', counts: true }],
      },
    })
    expect(await sign('ana')).toMatchObject({ code: 0, said: { already: true, file: first.said.file } })
    expect(signatures()).toHaveLength(1)
    expect(await refusal()).toMatch(/has 1:\n {2}ana@example\.com \(SHA256:\S+\): counts\n/)
  })

  test('by one whom nobody named does not count', async () => {
    expect(await sign('eve')).toMatchObject({
      code: 0,
      said: { approvals: expect.arrayContaining([expect.objectContaining({ counts: false, signer: null })]) },
    })
    expect(await refusal()).toContain('its key is not among the signers')
  })

  test('counts by the rules of allowed_signers, and once for each person', async () => {
    setSigners(line('ana'), line('eve', 'eve@example.com valid-before="20200101"'))
    expect(await refusal()).toContain('its key was valid until 20')
    setSigners(line('ana'), line('eve', 'eve@example.com namespaces="git,file"'))
    expect(await refusal()).toContain('its key is trusted for git,file only')
    setSigners(line('ana'), line('eve', 'ana@example.com'))
    expect(await refusal()).toContain('the same signer has approved already')
    setSigners('')
    await expect(migrate({ cwd, env: 'production' })).rejects.toMatchObject({ code: 'no-signers' })
    rmSync(join(cwd, 'allowed_signers'))
    await expect(migrate({ cwd, env: 'production' })).rejects.toMatchObject({ code: 'no-signers-file' })
    setSigners(line('ana'), line('ben'))
  })

  test('through ssh-keygen, which is not there, is a clear error', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(join(cwd, 'ec.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const { code, stderr } = await schemactl(cwd, ['plan', 'sign', id, '--key', 'ec.pem'], { PATH: cwd })
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ssh-keygen is needed for it, and is not here\.\nNext: /),
    })
  })
})

test('two of two let it run; status and show tell them, and the journal keeps them', async () => {
  expect(await sign('ben')).toMatchObject({ code: 0 })
  const [status, shown] = await Promise.all([schemactl(cwd, ['status', '--env', 'production']), schemactlJson(cwd, ['show', id])])
  expect(status.stdout).toMatch(/first \(2 of 2 approvals: (ana|ben)@example\.com, (ana|ben)@example\.com\)/)
  expect((shown.said.approvals as { counts: boolean }[]).filter(({ counts }) => counts)).toHaveLength(2)
  expect(await refusal({ requireSignatures: 3 })).toContain('needs 3 approvals')
  expect((await migrate({ cwd, env: 'production', requireSignatures: 1 })).applied).toHaveLength(1)
  const noted = await query(url, `select outcome from schemactl.event where action = 'approve' order by 1`)
  expect(noted).toEqual([{ outcome: expect.stringContaining('ana@example.com') }, { outcome: expect.stringContaining('ben@example.com') }])
})

test('the file of a plan in force that was edited is told, with what differs', async () => {
  const where = /is not what was applied: step 1, “create table public\.a.*”, in its down\.\n/
  writeFileSync(join(cwd, `plans/${id}.yaml`), plan.replaceAll('\n', '\r\n').replace('rows: ', 'rows:  '))
  expect(await schemactlJson(cwd, ['status'])).toMatchObject({ said: { state: 'current', edited: [] } })
  writeFileSync(join(cwd, `plans/${id}.yaml`), plan.replace('drop table public.a;', 'drop table public.a cascade;'))
  const [status, check, apply] = await Promise.all([schemactl(cwd, ['status']), schemactl(cwd, ['check']), schemactl(cwd, ['apply'])])
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(where) })
  expect(check).toMatchObject({ code: 2, stdout: expect.stringMatching(where) })
  expect(apply).toMatchObject({ code: 0, stderr: expect.stringMatching(where) })
  expect((await schemactl(cwd, ['apply', `plans/${id}.yaml`])).stderr).toMatch(/was changed after it was made: step 1, .*in its down\./)
  writeFileSync(join(cwd, `plans/${id}.yaml`), plan)
})

test('the way back is approved along with the plan, by whom the journal names', async () => {
  for (const name of signatures()) rmSync(join(cwd, 'plans', name))
  const back = ['revert', '--env', 'production', '--allow', 'drop-table']
  expect(await schemactlJson(cwd, [...back])).toMatchObject({ code: 0, said: { reverted: [{ plan: id }] } })
  // Again from the beginning: what was approved once is not for ever.
  expect(await refusal()).toContain('it is not signed')
  await query(url, `delete from schemactl.event where action = 'approve'`)
  await query(url, `update schemactl.plan set status = 'stamped', segments_done = 1`)
  expect(await errorFrom(cwd, back)).toEqual({ code: 1, error: 'not-approved' })
})
