import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'

/** What ALTER ROLE … is told, to get from these `name=value` to those: ` reset work_mem`, ` set work_mem to '64MB'`. */
export function settingWords(after: readonly string[], before: readonly string[]): string[] {
  const nameOf = (setting: string) => setting.slice(0, setting.indexOf('='))
  return [
    ...before
      .map(nameOf)
      .filter((name) => !after.some((s) => nameOf(s) === name))
      .map((name) => ` reset ${settingName(name)}`),
    ...after
      .filter((s) => !before.includes(s))
      .map((s) => ` set ${settingName(nameOf(s))} to ${settingValue(nameOf(s), s.slice(s.indexOf('=') + 1))}`),
  ]
}

/** Extensions name their settings with a dot. */
function settingName(name: string): string {
  return name.split('.').map(quoteIdentifier).join('.')
}

/** Settings that are lists of names: PostgreSQL's GUC_LIST_QUOTE, as pg_dump knows them (14 to 18). Their items are stated one by one. */
const LISTS: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

function settingValue(name: string, value: string): string {
  return LISTS.has(name) ? listItems(value).map(quoteLiteral).join(', ') || quoteLiteral('') : quoteLiteral(value)
}

/** `"$user", public` → its names, unquoted. */
function listItems(value: string): string[] {
  return [...value.matchAll(/"((?:[^"]|"")*)"|([^,\s"]+)/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
