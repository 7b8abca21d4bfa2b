import type { CatalogObject, Definition } from '../catalog/catalog.js'
import { quoteIdentifier } from '../sql/quote.js'
import { kind, NOT_SYSTEM, type ObjectKind } from './kind.js'

type Routine = {
  /** pg_get_functiondef(): CREATE OR REPLACE with every attribute and the body. */
  readonly text: string
  /** Types of what is passed in, by which routines of one name are told apart. */
  readonly arguments: string
  /** Argument names, modes and defaults, and result: CREATE OR REPLACE may not change names, modes or result, nor take a default away. */
  readonly names: readonly string[]
  readonly defaults: number
  readonly result: string | null
  readonly body: string
}

/** Functions (window functions among them) and procedures differ in prokind and in the word that names them. */
function routine(name: 'function' | 'procedure', prokinds: string): ObjectKind {
  return kind<Routine & Definition>({
    name,
    query: `
      select 'pg_catalog.pg_proc'::pg_catalog.regclass::oid as classid, p.oid, 0 as subid,
             array[n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)]::text[] as path,
             pg_catalog.pg_get_functiondef(p.oid) as text,
             pg_catalog.oidvectortypes(p.proargtypes) as arguments,
             coalesce(p.proargnames, '{}') || coalesce(p.proargmodes::text[], '{}') || array(select pg_catalog.format_type(t, null) from pg_catalog.unnest(p.proallargtypes) t) as names,
             p.pronargdefaults as defaults,
             pg_catalog.pg_get_function_result(p.oid) as result,
             p.prosrc as body
      from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where p.prokind in (${prokinds}) and ${NOT_SYSTEM}
        -- Constructors that CREATE TYPE … AS RANGE made go with the type.
        and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'i')`,
    target: (id) => `${name} ${signature(id.path)}`,
    rename: (id, newName) => `alter ${name} ${signature(id.path)} rename to ${quoteIdentifier(newName)}`,
    create: (object) => object.definition.text.replace(/^CREATE OR REPLACE /, 'create ').trimEnd(),
    alter: {
      arguments: 'recreate',
      result: 'recreate',
      names: 'recreate',
      defaults: (after, before) => (after.definition.defaults < before.definition.defaults ? null : []),
      text: (after, before) => (replaceable(after, before) ? after.definition.text.trimEnd() : null),
      // The body is part of the text; it stands apart for what it mentions.
      body: () => [],
    },
    occupies: (object) => [routineName(object)],
    mentions: (object) => object.definition.body,
    overloads: true,
    impact: () => ({}),
  })
}

export const routineFunction = routine('function', `'f', 'w'`)
export const procedure = routine('procedure', `'p'`)

/** `s.f(integer, text)`; identity arguments are PostgreSQL's own text and need no quoting. */
export function signature(path: readonly string[]): string {
  return `${quoteIdentifier(path[0] ?? '')}.${quoteIdentifier(path[1] ?? '')}(${path[2] ?? ''})`
}

/** Names of arguments, which the path has, are no part of what may be there once only: `routine s.f(integer, text)`. */
export function routineName({ id, definition }: CatalogObject<{ readonly arguments: string }>): string {
  return `routine ${signature([...id.path.slice(0, 2), definition.arguments])}`
}

/** A function may become a window function only by being made anew, and the other way round. */
function replaceable(after: CatalogObject<Routine & Definition>, before: CatalogObject<Routine & Definition>): boolean {
  const isWindow = (object: CatalogObject<Routine & Definition>) => /^ LANGUAGE \S+ WINDOW/m.test(object.definition.text)
  return isWindow(after) === isWindow(before)
}
