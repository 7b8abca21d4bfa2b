import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { loadProject, settingsFor } from '../../src/config/project.js'
import { ENVIRONMENT_KEYS, PROJECT_KEYS } from '../../src/config/read-config.js'
import { resolveShadow, resolveTarget } from '../../src/config/target.js'
import { ROOT } from '../servers/root.js'

const root = mkdtempSync(join(tmpdir(), 'schemactl-test-'))
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(root, String(count++))
  mkdirSync(join(folder, 'deep/er'), { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true }))
const write = (text: string, name = 'schemactl.yaml') => writeFileSync(join(folder, name), text)
const refusal = (text: string) => {
  write(text)
  return loadProject(folder).catch((error: unknown) => error)
}

describe('loadProject', () => {
  test('works without a file', async () => {
    expect(await loadProject(folder)).toMatchObject({
      folder,
      schema: [join(folder, 'schema')],
      plans: join(folder, 'plans'),
      searchPath: ['public'],
    })
  })

  test('finds the file above, and takes paths from there', async () => {
    write('schema: [a.sql, ../shared]\nplans: migrations\nschemas: app\nmanage: [owners]\nignore: [pg_stat_*]\nsearchPath: [app, public]')
    const project = await loadProject(join(folder, 'deep/er'))
    expect(project).toMatchObject({
      folder,
      file: join(folder, 'schemactl.yaml'),
      schema: [join(folder, 'a.sql'), join(root, 'shared')],
      plans: join(folder, 'migrations'),
      schemas: ['app'],
      manage: ['owners'],
      searchPath: ['app', 'public'],
    })
  })

  test('reads the file that is named', async () => {
    write('plans: elsewhere', 'other.yaml')
    expect((await loadProject(folder, 'other.yaml')).plans).toBe(join(folder, 'elsewhere'))
    await expect(loadProject(folder, 'none.yaml')).rejects.toMatchObject({ code: 'no-config' })
  })

  test.each([
    ['schema: schema\nsearch_path: [app]', 2, 'Write searchPath.'],
    ['drops: archived', 1, 'Write archive.'],
    ['manage: [owner]', 1, 'Write owners.'],
    ['environments:\n  prod:\n    protect: true', 3, 'Write protected.'],
    ['environments:\n  prod:\n    protected: maybe', 3, 'Write protected: true or protected: false.'],
    ['plans: [a]', 1, 'Write plans: a text.'],
    ['a: b: c', 1, 'Correct the syntax.'],
    ['plans: a\nplans: b', 2, 'Correct the syntax.'],
    ['- a', 1, 'Write it as "key: value" lines.'],
  ])('refuses %j with its line', async (text, line, next) => {
    expect(await refusal(text)).toMatchObject({
      name: 'UserError',
      code: 'invalid-config',
      next,
      location: { file: join(folder, 'schemactl.yaml'), line },
    })
  })

  test('puts an environment over the rest', async () => {
    write('drops: archive\nignore: [a]\nenvironments:\n  prod: { protected: true, ignore: [b], schemas: "*" }\n  dev:')
    const project = await loadProject(folder)
    expect(settingsFor(project, project.environments.get('prod'))).toMatchObject({ drops: 'archive', ignore: ['b'], schemas: '*' })
    const silent = { ...project, drops: undefined } as unknown as typeof project
    expect(settingsFor(silent).drops).toBe('drop')
    expect(settingsFor(silent, silent.environments.get('prod')).drops).toBe('archive')
    expect(project.environments.get('prod')?.protected).toBe(true)
    expect(project.environments.get('dev')?.protected).toBe(false)
  })

  test('accepts the keys that its JSON Schema lists', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'schemas/config.json'), 'utf8')) as {
      properties: Record<string, { additionalProperties?: { properties: object } }>
    }
    expect(Object.keys(schema.properties).sort()).toEqual([...PROJECT_KEYS].sort())
    expect(Object.keys(schema.properties.environments?.additionalProperties?.properties ?? {}).sort()).toEqual([...ENVIRONMENT_KEYS].sort())
  })
})

describe('resolveTarget', () => {
  test('goes by flag, environment, DATABASE_URL, .env, schemactl.yaml, embedded', async () => {
    write('url: postgresql://yaml/db\nenvironments:\n  prod:\n    url: postgresql://prod/db')
    write('DATABASE_URL="postgresql://dotenv/db" # comment\n', '.env')
    const project = await loadProject(folder)
    const variables = { DATABASE_URL: 'postgresql://variable/db' }
    const at = (flags: { url?: string; env?: string }, given = {}, of = project) => {
      const { from, label } = resolveTarget(of, flags, given)
      return [from, label]
    }
    expect(at({ url: 'postgresql://flag:1/db', env: 'prod' }, variables)).toEqual(['flag', 'flag:1/db'])
    expect(at({ env: 'prod' }, variables)).toEqual(['environment', 'prod:5432/db'])
    expect(at({}, variables)).toEqual(['DATABASE_URL', 'variable:5432/db'])
    expect(at({})).toEqual(['.env', 'dotenv:5432/db'])
    expect(at({}, {}, { ...project, dotenv: {} })).toEqual(['schemactl.yaml', 'yaml:5432/db'])
    const embedded = join(folder, '.schemactl/database')
    const { url: _, ...without } = project
    expect(at({}, {}, { ...without, dotenv: {} })).toEqual(['embedded', `embedded ${embedded}`])
    expect(resolveTarget(project, { url: 'embedded' }, variables).target).toEqual({ kind: 'embedded', folder: embedded })
    expect(resolveTarget(project, { url: 'embedded:other' }, variables).target).toEqual({ kind: 'embedded', folder: join(folder, 'other') })
  })

  test('replaces variables when they are needed', async () => {
    write(
      'environments:\n  prod: { url: "postgresql://app:${SECRET}@${HOST:-db}/app", shadow: "${SHADOW_URL}" }\n  dev: { shadow: embedded }',
    )
    write('SECRET=from-dotenv', '.env')
    const project = await loadProject(folder)
    const prod = { env: 'prod' }
    expect(resolveTarget(project, prod, {}).target).toEqual({ kind: 'url', url: 'postgresql://app:from-dotenv@db/app' })
    expect(resolveTarget(project, prod, { SECRET: 'real', HOST: 'h' }).target).toEqual({ kind: 'url', url: 'postgresql://app:real@h/app' })
    expect(() => resolveShadow(project, project.environments.get('prod'), {})).toThrow(
      expect.objectContaining({ code: 'missing-variable', location: expect.objectContaining({ line: 2 }) }),
    )
    expect(resolveShadow(project, project.environments.get('dev'), {})).toBe('embedded')
    expect(resolveShadow(project, undefined, {})).toBe('auto')
  })

  test('tells the environment that may have been meant', async () => {
    write('environments:\n  production: { protected: true }\n  dev: { url: postgresql://db/dev }')
    const project = await loadProject(folder)
    expect(() => resolveTarget(project, { env: 'prodution' }, {})).toThrow(
      expect.objectContaining({ code: 'unknown-environment', next: 'Use --env production.' }),
    )
    expect(() => resolveTarget(project, { env: 'production' }, {})).toThrow(expect.objectContaining({ code: 'no-url' }))
  })
})
