import { parse, scan } from './parse.js'
import { encode, type Place } from './positions.js'
import { split } from './split.js'

/** One statement of a script that people wrote to be run as it stands: data, too. */
export interface ScriptStatement {
  readonly text: string
  readonly place: Place
  /** The top node of its tree: 'UpdateStmt', 'IndexStmt', … */
  readonly node: string
  /** Relations that it names, as it names them; `schema` null where it leaves that to the search path. */
  readonly relations: readonly Named[]
  /** Those that it writes to, and how. */
  readonly writes: readonly { readonly how: 'insert' | 'update' | 'delete'; readonly to: Named }[]
  /** Words that may name columns. */
  readonly names: ReadonlySet<string>
  /** Numbers of its parameters: 1 is `$1`. */
  readonly parameters: ReadonlySet<number>
}

export interface Named {
  readonly schema: string | null
  readonly name: string
}

export type Script = { readonly statements: readonly ScriptStatement[] } | { readonly problem: string; readonly place: Place }

/** Takes a script apart, statement by statement. */
export async function readScript(sql: string): Promise<Script> {
  const text = encode(sql)
  const scanned = await scan(sql)
  if (!('tokens' in scanned)) return { problem: scanned.message, place: text.place(text.advance(0, scanned.position)) }
  const lineStart = (offset: number) => offset === 0 || text.bytes[offset - 1] === NEWLINE
  const statements: ScriptStatement[] = []
  for (const { start, end } of split(scanned.tokens, lineStart)) {
    const statement = text.slice(start, end)
    const parsed = await parse(statement)
    if (!('statements' in parsed)) return { problem: parsed.message, place: text.place(text.advance(start, parsed.position)) }
    for (const { stmt } of parsed.statements)
      if (stmt) statements.push({ text: statement.trim(), place: text.place(start), ...factsOf(stmt) })
  }
  return { statements }
}

const NEWLINE = 0x0a
const WRITES: { readonly [node: string]: 'insert' | 'update' | 'delete' } = {
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  MergeStmt: 'delete',
  DeleteStmt: 'delete',
  TruncateStmt: 'delete',
}

function factsOf(stmt: object): Pick<ScriptStatement, 'node' | 'relations' | 'writes' | 'names' | 'parameters'> {
  const relations: Named[] = []
  const writes: ScriptStatement['writes'][number][] = []
  const names = new Set<string>()
  const parameters = new Set<number>()
  const work: unknown[] = [stmt]
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (typeof node !== 'object' || node === null) continue
    const relation = namedBy(node)
    if (relation) relations.push(relation)
    for (const [tag, value] of Object.entries(node)) {
      const how = WRITES[tag]
      if (how) for (const to of targetsOf(value)) writes.push({ how, to })
      if (tag === 'ParamRef') parameters.add((value as { readonly number?: number }).number ?? 0)
      if ((tag === 'sval' || tag === 'name') && typeof value === 'string') names.add(value)
      work.push(value)
    }
  }
  return { node: Object.keys(stmt)[0] ?? '', relations, writes, names, parameters }
}

/** A RangeVar, tagged or not, has its name here; nothing else has. */
function namedBy(node: object): Named | null {
  if (!('relname' in node) || typeof node.relname !== 'string') return null
  return { schema: 'schemaname' in node && typeof node.schemaname === 'string' ? node.schemaname : null, name: node.relname }
}

function targetsOf(value: unknown): Named[] {
  if (typeof value !== 'object' || value === null) return []
  const { relation, relations } = value as { readonly relation?: object; readonly relations?: readonly { readonly RangeVar?: object }[] }
  return [relation, ...(relations ?? []).map(({ RangeVar }) => RangeVar)].flatMap((target) => (target && namedBy(target)) ?? [])
}
