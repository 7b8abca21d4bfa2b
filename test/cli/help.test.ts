import { expect, test } from '@jest/globals'
import { schemactl } from './schemactl.js'

test('help tells of every command, and every command of its flags', async () => {
  const { code, stdout } = await schemactl('/', ['--help'])
  expect(code).toBe(0)
  expect(await schemactl('/', [])).toMatchObject({ code: 0, stdout })
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name = '']) => name)
  expect(commands).toEqual(expect.arrayContaining(['init', 'plan', 'apply', 'revert', 'status', 'drift', 'inspect']))
  for (const name of commands) {
    const help = await schemactl('/', [name, '--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain(`$ schemactl ${name}`)
    expect(help.stdout).toContain('--json')
    expect(help.stdout).not.toMatch(/undefined|<%=/)
    expect(
      Math.max(
        ...(help.stdout
          .split('EXAMPLES')[0]
          ?.split('\n')
          .map((line) => line.length) ?? []),
      ),
    ).toBeLessThanOrEqual(80)
  }
  expect(stdout).toMatch(/^ {2}plan sign {2,}\S/m)
  for (const words of [
    ['plan', 'sign', '--help'],
    ['help', 'plan', 'sign'],
  ])
    expect((await schemactl('/', words)).stdout).toContain('$ schemactl plan sign PLAN [FLAGS]')
  expect((await schemactl('/', ['help', 'plan'])).stdout).toMatch(/-m, --message TITLE +Title of the plan/)
})

test('help on a command that there is none of is a wrong command line', async () => {
  const { code, stderr } = await schemactl('/', ['plann', '--help'])
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining('did you mean plan?') })
})
