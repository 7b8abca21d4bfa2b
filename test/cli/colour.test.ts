import { afterAll, expect, test } from '@jest/globals'
import { folderWith, removeFolders, schemactl } from './schemactl.js'

afterAll(removeFolders)

test('nothing is coloured without a terminal, in CI neither, unless it is asked for', async () => {
  const plan = async (variables: Record<string, string>) => {
    const folder = folderWith({ 'schemactl.yaml': '', 'schema/a.sql': 'create table a (x int);\n' })
    return (await schemactl(folder, ['plan', '--no-out'], variables)).stdout
  }
  const plain = await plan({})
  expect(plain).toContain('+ create table public.a')
  expect(await plan({ CI: 'true', GITHUB_ACTIONS: 'true', COLORTERM: 'truecolor' })).toBe(plain)
  expect(await plan({ FORCE_COLOR: '1' })).toContain('\u001b[32m+\u001b[39m create table public.a')
})
