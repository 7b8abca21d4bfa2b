import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readSource } from '../../src/source/read.js'
import { ROOT } from '../servers/root.js'

const folder = mkdtempSync(join(tmpdir(), 'schemactl-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const page = readFileSync(join(ROOT, 'docs/schema-files.md'), 'utf8')

test.each([...page.matchAll(/```(sql|yaml)\n(.*?)```/gs)].map(([, format = '', text = '']) => [format, text]))(
  'the %s of the page on schema files is read as it stands',
  async (format, text) => {
    writeFileSync(join(folder, `example.${format}`), text)
    const { statements, warnings } = await readSource([`example.${format}`], { cwd: folder })
    expect(warnings).toEqual([])
    expect(statements.length).toBeGreaterThan(0)
  },
)
