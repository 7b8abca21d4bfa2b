import type { CatalogObject } from '../catalog/catalog.js'
import { groupBy } from '../catalog/group.js'
import { idOf } from '../catalog/id.js'
import { kindOf } from '../kinds/registry.js'
import { aboutOf } from '../kinds/spoken.js'
import type { Statement, Subject } from '../source/statement.js'

/** Finds the statement that asks for an object, and what the files state of it. */
export interface SourceIndex {
  /** `schema/documentos.sql:12`; null where no statement names it. */
  lineOf(key: string): string | null
  /** Where a directive that is about this object alone can stand: above this line; null where no such line is. */
  directiveAt(key: string): string | null
  /** Is this aspect (owners, privileges, an attribute that is compared only when stated) of the object stated? */
  states(object: CatalogObject, aspect: string): boolean
}

/** What a kind calls its aspect, and what the files' reader calls it. */
const ASPECTS: Readonly<Record<string, string>> = {
  owners: 'owner',
  privileges: 'privileges',
  version: 'version',
  tablespace: 'tablespace',
  notNullName: 'not-null-name',
  grantors: 'grantor',
}

export function indexSource(statements: readonly Statement[], searchPath: readonly string[]): SourceIndex {
  const home = searchPath[0] ?? 'public'
  const bySubject = groupBy(statements.filter((statement) => statement.subject !== null).toSorted(byImportance), (statement) =>
    nameOf(statement.subject, home),
  )
  const stated = new Set<string>()
  for (const statement of statements)
    for (const { aspect, on } of statement.states) stated.add(`${aspect} ${on === null ? '' : nameOf(on, home)}`)
  const first = (name: string, part?: string): Statement | undefined =>
    bySubject.get(name)?.find((statement) => part === undefined || statement.parts.some((p) => p.name === part))
  return {
    lineOf(key) {
      const names = namesOf(key)
      for (let length = names.length; length > 0; length--) {
        const name = names.slice(0, length).join('.')
        const withPart = names[length] === undefined ? undefined : first(name, names[length])
        const part = withPart?.parts.find((p) => p.name === names[length])
        if (withPart && part) return `${withPart.file}:${part.line}`
        const statement = first(name)
        if (statement) return `${statement.file}:${statement.line}`
      }
      return null
    },
    directiveAt(key) {
      const names = namesOf(key)
      const place = ({ file }: Statement, line: number) => `${file}:${line}`
      const table = first(names.slice(0, -1).join('.'), names.at(-1))
      const part = table?.parts.find(({ name }) => name === names.at(-1))
      // A comment above a line is about the first of what stands in it.
      if (table && part)
        return part.line === table.line || table.parts.some((other) => other !== part && other.line === part.line)
          ? null
          : place(table, part.line)
      const statement = first(names.join('.'))
      const shared = statements.some((other) => other.file === statement?.file && other.line === statement.line && other !== statement)
      return statement === undefined || shared ? null : place(statement, statement.line)
    },
    states(object, aspect) {
      const names = namesOf(object.key)
      const word = ASPECTS[aspect] ?? aspect
      // GRANT … ON ALL TABLES IN SCHEMA states the privileges of all that the schema holds.
      return (
        stated.has(`${word} ${names.join('.')}`) ||
        stated.has(`${word} ${names.slice(0, 2).join('.')}`) ||
        (word === 'privileges' && stated.has(`${word} ${names[0]}`))
      )
    },
  }
}

/** What creates an object comes first, then as in the files: whatever the order in which these were read. */
function byImportance(a: Statement, b: Statement): number {
  const rank = ({ node }: Statement) => (/^(Create|View|Define|Composite|Index|Rule)/.test(node) ? 0 : 1)
  return rank(a) - rank(b) || (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1)
}

function nameOf(subject: Subject | null, home: string): string {
  if (subject === null) return ''
  const qualified = { relation: 2, routine: 2, type: 2, trigger: 3, policy: 3, rule: 3, constraint: 3 }[subject.space as string]
  return (qualified !== undefined && subject.name.length < qualified ? [home, ...subject.name] : subject.name).join('.')
}

/** The names of an object, or of what a comment, an owner or a grant is about; a routine's without its arguments. */
function namesOf(key: string): readonly string[] {
  const id = idOf(key)
  const { kind, path } = aboutOf(id) ?? id
  return kindOf(kind).mentions ? path.slice(0, 2) : path
}
