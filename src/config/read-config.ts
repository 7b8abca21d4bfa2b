import { resolve } from 'node:path'
import { DROPS, type EnvironmentConfig, MANAGED, ONLINE, type Project, type Settings, type Template } from './settings.js'
import { type Entry, readYaml, type YamlReader } from './yaml-reader.js'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Keys that may stand at the top and in an environment. */
const SHARED: { readonly [K in keyof Required<Settings>]: (yaml: YamlReader, entry: Entry, into: Writable<Settings>) => void } = {
  url: (yaml, entry, into) => {
    into.url = template(yaml, entry)
  },
  shadow: (yaml, entry, into) => {
    into.shadow = template(yaml, entry)
  },
  schemas: (yaml, entry, into) => {
    into.schemas = schemas(yaml.texts(entry))
  },
  manage: (yaml, entry, into) => {
    into.manage = yaml.texts(entry).map((text) => yaml.oneOf(entry, text, MANAGED))
  },
  allow: (yaml, entry, into) => {
    into.allow = yaml.texts(entry)
  },
  ignore: (yaml, entry, into) => {
    into.ignore = yaml.texts(entry)
  },
  searchPath: (yaml, entry, into) => {
    into.searchPath = yaml.texts(entry)
  },
  drops: (yaml, entry, into) => {
    into.drops = yaml.oneOf(entry, yaml.text(entry), DROPS)
  },
  seed: (yaml, entry, into) => {
    into.seed = yaml.texts(entry)
  },
  online: (yaml, entry, into) => {
    into.online = yaml.oneOf(entry, yaml.text(entry), ONLINE)
  },
  signers: (yaml, entry, into) => {
    into.signers = yaml.texts(entry).map((text) => ({ text, location: entry.location }))
  },
}

export const ENVIRONMENT_KEYS = [...Object.keys(SHARED), 'protected', 'requireSignatures']
export const PROJECT_KEYS = ['schema', 'plans', ...Object.keys(SHARED), 'environments']

type Said = Pick<Project, 'environments' | 'schema' | 'schemaLocation' | 'plans'> & Settings

/** What a schemactl.yaml says; paths are relative to its folder. */
export function readConfig(folder: string, file: string, content: string): Said {
  const yaml = readYaml(file, content)
  const entries = yaml.entries(yaml.root, 'schemactl.yaml', PROJECT_KEYS)
  const entry = (key: string) => entries.find((candidate) => candidate.key === key)
  const [schema, plans, environments] = [entry('schema'), entry('plans'), entry('environments')]
  return {
    ...shared(yaml, entries),
    schema: (schema === undefined ? ['schema'] : yaml.texts(schema)).map((path) => resolve(folder, path)),
    ...(schema && { schemaLocation: schema.location }),
    plans: resolve(folder, plans === undefined ? 'plans' : yaml.text(plans)),
    environments: new Map(yaml.entries(environments?.value ?? null, 'environments').map((one) => [one.key, environment(yaml, one)])),
  }
}

function environment(yaml: YamlReader, entry: Entry): EnvironmentConfig {
  const entries = yaml.entries(entry.value, `environment ${entry.key}`, ENVIRONMENT_KEYS)
  const find = (name: string) => entries.find(({ key }) => key === name)
  const [guarded, signed] = [find('protected'), find('requireSignatures')]
  return {
    ...shared(yaml, entries),
    name: entry.key,
    protected: guarded !== undefined && yaml.flag(guarded),
    requireSignatures: signed === undefined ? 0 : yaml.count(signed),
  }
}

function shared(yaml: YamlReader, entries: readonly Entry[]): Settings {
  const settings: Writable<Settings> = {}
  for (const entry of entries) if (isShared(entry.key)) SHARED[entry.key](yaml, entry, settings)
  return settings
}

function isShared(key: string): key is keyof Settings {
  return Object.hasOwn(SHARED, key)
}

function template(yaml: YamlReader, entry: Entry): Template {
  return { text: yaml.text(entry), location: entry.location }
}

function schemas(names: readonly string[]): readonly string[] | '*' {
  return names.includes('*') ? '*' : names
}
