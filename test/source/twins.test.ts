import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readSource } from '../../src/source/read.js'

test('what two files make without a word of PostgreSQL is told at the second place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'schemactl-twins-'))
  const files = {
    'a.sql': `create or replace function f(x int) returns int language sql as 'select 1';\ncreate or replace view v as select 1 as a;`,
    'b.sql': `create or replace function f(y text) returns int language sql as 'select 1';\ncreate function f(x int) returns int language sql as 'select 2';`,
    'c.sql': 'create or replace view v as select 1 as a;\ncreate table if not exists t (x int);',
    'd.sql': 'set search_path = other;\ncreate or replace view v as select 1 as a;\ncreate table if not exists t (x int);',
  }
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const { warnings } = await readSource(['.'], { cwd: folder })
    expect(warnings.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([
      'b.sql:2: f is made by a.sql:1:1, too, and only one of the two counts',
      'c.sql:1: v is made by a.sql:2:1, too, and only one of the two counts',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
