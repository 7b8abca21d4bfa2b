import { body, listNames, type NamedDatabase, namesOf, type Tagged } from './facts.js'
import type { Token } from './outcome.js'
import { scan } from './parse.js'
import { quoteIdentifier, quoteName } from './quote.js'

/** The text of a statement without what no shadow is to see, and what does more than it says of the schema. */
export async function rewritten(statement: Tagged, sql: string): Promise<string> {
  if (statement[0] === 'ClusterStmt') return clusterOn(statement[1]) ?? sql
  if (isConcurrent(statement)) return withoutConcurrently(sql)
  return hasPassword(statement) ? withoutPassword(sql) : sql
}

/** The database that a statement about one names; null for others. */
export async function databaseIn([tag, value]: Tagged, sql: string): Promise<NamedDatabase | null> {
  const name =
    tag === 'AlterRoleSetStmt'
      ? value.database
      : tag === 'AlterDatabaseSetStmt'
        ? value.dbname
        : tag === 'GrantStmt' && value.objtype === 'OBJECT_DATABASE'
          ? listNames(value.objects)[0]
          : (tag === 'CommentStmt' || tag === 'SecLabelStmt') && value.objtype === 'OBJECT_DATABASE'
            ? namesOf(value.object)[0]
            : undefined
  if (!name) return null
  const tokens = await tokensOf(sql)
  const token = tokens[tokens.findIndex(({ kind }) => kind === 'DATABASE') + 1]
  if (!token) return null
  const at = (offset: number) => Buffer.from(sql, 'utf8').toString('utf8', 0, offset).length
  return { name, start: at(token.start), end: at(token.end) }
}

// CLUSTER writes the table anew, and refuses to where it is of another transaction's making; what stays of it is the mark on the index.
function clusterOn({ relation, indexname }: Extract<Tagged, readonly ['ClusterStmt', unknown]>[1]): string | null {
  if (!relation?.relname || !indexname) return null
  const table = quoteName(...(relation.schemaname ? [relation.schemaname] : []), relation.relname)
  return `alter table ${table} cluster on ${quoteIdentifier(indexname)}`
}

function isConcurrent([tag, value]: Tagged): boolean {
  if (tag === 'AlterTableStmt') return JSON.stringify(value.cmds).includes('"concurrent":true')
  return (tag === 'IndexStmt' || tag === 'DropStmt') && value.concurrent === true
}

function hasPassword([tag, value]: Tagged): boolean {
  if (tag !== 'CreateRoleStmt' && tag !== 'AlterRoleStmt') return false
  return value.options?.some((option) => body(option, 'DefElem')?.defname === 'password') ?? false
}

// Files are loaded in a transaction, where CONCURRENTLY is refused. It is a reserved word: the first such token is the one.
async function withoutConcurrently(sql: string): Promise<string> {
  const tokens = await tokensOf(sql)
  const index = tokens.findIndex((token) => token.kind === 'CONCURRENTLY')
  return without(sql, tokens, index, index)
}

// PASSWORD is followed by a string or NULL, and by nothing else here; a role may be called so, hence what follows is looked at.
async function withoutPassword(sql: string): Promise<string> {
  const tokens = await tokensOf(sql)
  const index = tokens.findIndex(
    ({ kind }, i) => kind === 'PASSWORD' && ['SCONST', 'USCONST', 'NULL_P'].includes(tokens[i + 1]?.kind ?? ''),
  )
  if (index === -1) throw new Error('a statement with a password has the word')
  return without(sql, tokens, tokens[index - 1]?.kind === 'ENCRYPTED' ? index - 1 : index, index + 1)
}

function without(sql: string, tokens: readonly Token[], first: number, last: number): string {
  const [word, next] = [tokens[first], tokens[last + 1]]
  if (!word) return sql
  const bytes = Buffer.from(sql, 'utf8')
  return bytes.toString('utf8', 0, word.start).trimEnd() + (next ? ` ${bytes.toString('utf8', next.start)}` : '')
}

async function tokensOf(sql: string): Promise<readonly Token[]> {
  const outcome = await scan(sql)
  return 'tokens' in outcome ? outcome.tokens.filter(({ kind }) => kind !== 'SQL_COMMENT' && kind !== 'C_COMMENT') : []
}
