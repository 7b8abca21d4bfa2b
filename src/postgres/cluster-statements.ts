import { UserError } from '../errors.js'
import type { Statement } from '../source/statement.js'
import { quoteIdentifier } from '../sql/quote.js'
import type { Session } from './session.js'

const OF_ROLES = new Set(['CreateRoleStmt', 'AlterRoleStmt', 'AlterRoleSetStmt', 'DropRoleStmt', 'GrantRoleStmt'])
/** Of roles where a role is what they are about. */
const OF_ANYTHING = new Set(['CommentStmt', 'SecLabelStmt'])

/** Roles belong to the cluster: such a statement is never run in a database of somebody's server. */
export function isAboutRoles({ node, subject }: Pick<Statement, 'node' | 'subject'>): boolean {
  return OF_ROLES.has(node) || (OF_ANYTHING.has(node) && subject?.space === 'role')
}

/** About this role alone, not about who is a member of it. */
export function isAboutRole({ subject }: Pick<Statement, 'subject'>, name: string): boolean {
  return subject?.space === 'role' && subject.name.length === 1 && subject.name[0] === name
}

/** Names of the roles that the statements create. */
export function rolesCreated(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ node, subject }) => (node === 'CreateRoleStmt' ? (subject?.name ?? []) : []))
}

/** The statements with the name of this database where they name the one that the files are of, whatever it is called. */
export async function inThisDatabase(session: Session, statements: readonly Statement[]): Promise<readonly Statement[]> {
  const naming = statements.filter(({ database }) => database)
  const [first] = naming
  if (first === undefined) return statements
  const other = naming.find(({ database }) => database?.name !== first.database?.name)
  if (other) throw twoDatabases(first, other)
  const [row] = await session.query<{ name: string }>('select pg_catalog.current_database()::text as name')
  const name = quoteIdentifier(row?.name ?? '')
  return statements.map((statement) => {
    const { text, database } = statement
    return database ? { ...statement, text: text.slice(0, database.start) + name + text.slice(database.end) } : statement
  })
}

function twoDatabases(first: Statement, other: Statement): UserError {
  return new UserError(
    'two-databases',
    `The files are of one database, and name two: ${first.database?.name} (${first.file}:${first.line}) and ${other.database?.name}.`,
    {
      location: { file: other.file, line: other.line, column: other.column },
      next: 'Name one; it means the database that is worked on, whatever that is called. What is of another belongs into a project of its own.',
    },
  )
}
