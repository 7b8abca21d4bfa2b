import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { schemactl } from './schemactl.js'

// As of Node 22 it is Node that keeps compiled code.
const describeKept = Number(process.versions.node.split('.')[0]) < 22 ? describe : describe.skip

describeKept('the compiled commands', () => {
  let home: string
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'schemactl-start-'))
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const succeed = async (project: string, cache = join(home, 'cache')) =>
    expect(await schemactl(home, ['init', project], { XDG_CACHE_HOME: cache })).toMatchObject({ code: 0 })
  const kept = () => readdirSync(join(home, 'cache/schemactl')).map((name) => join(home, 'cache/schemactl', name))

  test('are kept by the first command that succeeds, and used by the next', async () => {
    await schemactl(home, ['--version'], { XDG_CACHE_HOME: join(home, 'cache') })
    await schemactl(home, ['no-such-command'], { XDG_CACHE_HOME: join(home, 'cache') })
    expect(readdirSync(home)).not.toContain('cache')
    await succeed('first')
    expect(kept()).toHaveLength(1)
    const [file = ''] = kept()
    const made = readFileSync(file)
    await succeed('second')
    expect(readFileSync(file).equals(made)).toBe(true)
  })

  test('are made again where they were spoilt', async () => {
    const [file = ''] = kept()
    const spoilt = readFileSync(file)
    for (let at = 100; at < spoilt.length; at += 1000) spoilt[at] = 255 - (spoilt[at] ?? 0)
    writeFileSync(file, spoilt)
    await succeed('third')
    expect(kept()).toEqual([file])
    expect(readFileSync(file).equals(spoilt)).toBe(false)
  })

  test('are done without where nothing can be kept', async () => {
    writeFileSync(join(home, 'a-file'), '')
    await succeed('fourth', join(home, 'a-file'))
  })
})
