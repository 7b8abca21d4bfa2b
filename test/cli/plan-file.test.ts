import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'yaml'
import { keyOf } from '../../src/catalog/id.js'
import { digestOf, planId } from '../../src/plan/make.js'
import { parseQuickly } from '../../src/plan/plain-items.js'
import type { Plan } from '../../src/plan/plan.js'
import { differenceFrom, formatPlan, parsePlan, readPlan } from '../../src/plan/plan-file.js'

function planWith(up: readonly string[], name: string): Plan {
  const key = keyOf({ kind: 'column', path: ['public', name, 'x'] })
  const content: Omit<Plan, 'id' | 'digest'> = {
    format: 1,
    title: name,
    tool: 'schemactl 0.1.0',
    parent: null,
    target: { major: 17, role: name, searchPath: ['public', name] },
    scope: { schemas: [name], manage: [], ignore: [] },
    allow: ['drop-table'],
    irreversible: null,
    rehearsal: { shadow: 'embedded PostgreSQL 18', rows: { [name]: 1 }, caveats: [name] },
    segments: [
      {
        transactional: false,
        downTransactional: true,
        steps: [
          {
            title: name,
            source: `schema/${name}.sql:1`,
            objects: [key],
            up,
            down: [...up].reverse(),
            impact: {
              lock: 'ACCESS EXCLUSIVE',
              on: { kind: 'table', path: ['public', name] },
              work: 'scan',
              also: [{ lock: 'SHARE', on: { kind: 'table', path: ['public', 'other'] } }],
            },
            hazards: [{ hazard: 'drop-column', object: key }],
            downHazards: [],
            estimate: { rows: 1, bytes: 8192 },
          },
          { title: 'next', source: null, objects: [key], up: ['select 1'], down: [], impact: {}, hazards: [], downHazards: [] },
        ],
        before: { [key]: null },
        after: { [key]: '0123456789012345' },
        restored: { [key]: '12e4567890123456' },
      },
    ],
  }
  const digest = digestOf(content)
  return { ...content, id: planId(name, digest), digest }
}

describe('a plan file', () => {
  // PostgreSQL's text holds no NUL, and no lone surrogate.
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'))
  const hostile = fc.oneof(
    text,
    fc.constantFrom(
      'null',
      'yes',
      '1e3',
      '- x',
      '# x',
      '"',
      "'",
      ': ',
      ';\n',
      'a\r\nb',
      'a\u2028b',
      ' x ',
      '\n\nx\n',
      '\t',
      '%',
      '{}',
      '|',
      '~',
      '__proto__',
    ),
  )

  test('says all that the plan holds, whatever the names and statements', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), hostile, (up, name) => {
        const plan = planWith(up, name)
        expect(parsePlan(formatPlan(plan), 'plan.yaml')).toEqual(plan)
      }),
      { numRuns: 300 },
    )
  })

  test('is read the quick way as YAML reads it, or the slow way', () => {
    const statements = ["select '\n          - [table, public, t]\n      - {object: [table, public, t], before: null}\n'", 'select 1']
    for (const name of ['t', 'NULL', 'true', 'no', 'a b', 'a  b', 'order', 'e1', '_', 'Ä', 'a,b', 'items', 'items0', '']) {
      const plan = planWith(statements, name)
      expect(parsePlan(formatPlan(plan), 'plan.yaml')).toEqual(plan)
      const plain = formatPlan(planWith(['select 1'], name))
      expect(parseQuickly(plain)).toEqual(parse(plain))
    }
  })

  test('is refused where it says something twice, also in a line that is read the quick way', () => {
    const file = formatPlan(planWith(['select 1'], 't')).replaceAll('0123456789012345', 'abc3456789012345')
    for (const [once, twice] of [
      ['before: null', 'before: null, before: null'],
      ['down: |', 'down: |\n          select 2;\n        down: |'],
    ] as const)
      expect(() => parsePlan(file.replace(once, twice), 'plan.yaml')).toThrow(expect.objectContaining({ code: 'bad-plan' }))
  })

  test('shows SQL as one would write it, and one line an object', () => {
    const file = formatPlan(planWith(['alter table t\n  add x int', "comment on table t is 'é'"], 't'))
    expect(file).toContain("        up: |\n          alter table t\n            add x int;\n          comment on table t is 'é';\n")
    expect(file).toContain('      - {object: [column, public, t, x], before: null, after: "0123456789012345", restored:')
  })

  test('is refused once it was edited, but for its estimates', () => {
    const file = formatPlan(planWith(['alter table t add x int'], 't'))
    expect(() => parsePlan(file.replace('add x int', 'add x text'), 'plan.yaml')).toThrow(expect.objectContaining({ code: 'edited-plan' }))
    expect(() => parsePlan(file.replace('allow: [drop-table]', 'allow: [all]'), 'plan.yaml')).toThrow(
      expect.objectContaining({ code: 'edited-plan' }),
    )
    expect(() => parsePlan(file.replace('rows: 1,', 'rows: 2,'), 'plan.yaml')).not.toThrow()
  })

  test('that was edited tells the first part that differs, and the field where the plan that was made is known', () => {
    const plan = planWith(['alter table t add x int'], 't')
    const file = formatPlan(plan)
    const told = (from: string, to: string) => {
      const text = file.replace(from, to)
      return [readPlan(text, 'plan.yaml').edited?.split('; ')[0], differenceFrom(plan, text, 'plan.yaml')]
    }
    expect(told('add x int', 'add x text')).toEqual(['step 1, “t”', 'step 1, “t”, in its up'])
    expect(told('title: next', 'title: other')).toEqual(['step 2, “other”', 'step 2, “other”, in its title'])
    expect(told('allow: [drop-table]', 'allow: [all]')).toEqual(['its allow', 'its allow'])
    expect(told('before: null', 'before: x')).toEqual(['its footprint 1', 'its footprint 1, in its footprint'])
    expect(
      told('      - title: next\n        up: |\n          select 1;\n        objects:\n          - [column, public, t, x]\n', ''),
    ).toEqual(['its footprint 1', 'its footprint 1, in its steps'])
    expect(told(`id: ${plan.id}`, `id: again-${plan.digest.slice(0, 8)}`)).toEqual([`its id is not ${plan.id}`, `its id is not ${plan.id}`])
    expect(told(`digest: ${plan.digest.slice(0, 20)}`, `digest: ${'0'.repeat(20)}`)[0]).toMatch(/^its (id|digest)/)
    expect(told('rows: 1,', 'rows: 2,')).toEqual([undefined, null])
    expect(told(/\nsums: .*/.exec(file)?.[0] ?? '', '')).toEqual([undefined, null])
    expect(differenceFrom(plan, 'nonsense', 'plan.yaml')).toBe('it is no plan any more')
  })

  test.each(['', '[]', 'x', 'format: 1', '{{', 'format: 1\nsegments: [1]', '&a [*a]', 'a: *b'])(
    'that is none is refused: %j',
    (content) => {
      expect(() => parsePlan(content, 'plan.yaml')).toThrow(expect.objectContaining({ code: 'bad-plan' }))
    },
  )

  test('mutated anywhere gives a clear error or the same plan', () => {
    const plan = planWith(['alter table t add x int'], 't')
    const file = formatPlan(plan)
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.constantFrom('', 'x', '\n', '"', '[', ': ', '&', '\0'), (at, put) => {
        const mutated = file.slice(0, at) + put + file.slice(at + 1)
        try {
          const { segments, ...head } = parsePlan(mutated, 'plan.yaml')
          expect({ ...head, id: '' }).toEqual({ ...plan, segments: undefined, id: '' })
          expect(digestOf({ ...plan, segments })).toBe(digestOf(plan))
        } catch (error) {
          expect(error).toMatchObject({ name: 'UserError' })
        }
      }),
      { numRuns: 500 },
    )
  })
})
