import type { Node } from 'libpg-query'
import { body, listNames, type Tagged } from './facts.js'

/** What becomes of a statement: `keep` it (with a warning where `message` is set), `ignore` it, or `refuse` it. */
export interface Verdict {
  readonly fate: 'keep' | 'ignore' | 'refuse'
  readonly message?: string
  readonly hint?: string
}

/** Decides whether a statement is schema. What is harmless is warned about, so that what pg_dump or a person wrote can be read as it is. */
export function judge([tag, value]: Tagged): Verdict {
  switch (tag) {
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      return data(WORDS[tag])
    case 'TruncateStmt':
      return data('TRUNCATE')
    case 'CopyStmt':
      return data('COPY')
    case 'CreateStmt':
      return value.relation?.relpersistence === 't' ? temporary('table') : KEEP
    case 'CreateTableAsStmt':
      return value.into?.rel?.relpersistence === 't' ? temporary('table') : KEEP
    case 'ViewStmt':
      return value.view?.relpersistence === 't' ? temporary('view') : KEEP
    case 'CreateSeqStmt':
      return value.sequence?.relpersistence === 't' ? temporary('sequence') : KEEP
    case 'SelectStmt':
      return value.intoClause ? KEEP : select(value.targetList)
    case 'CallStmt':
      return { fate: 'keep', message: 'CALL runs only in the shadow', hint: SHADOW_ONLY }
    case 'DropStmt':
      return isPlpgsql(value.objects) ? IGNORE : drop()
    case 'DropSubscriptionStmt':
    case 'DropUserMappingStmt':
      return drop()
    case 'DropRoleStmt':
      return value.missing_ok ? ROLE_NOT_DROPPED : ROLE_DROPPED
    case 'CreateRoleStmt':
    case 'AlterRoleStmt':
      return value.options?.some((option) => body(option, 'DefElem')?.defname === 'password') ? PASSWORD : KEEP
    case 'AlterRoleSetStmt':
      return value.role ? KEEP : ignored('ALTER ROLE ALL')
    case 'RenameStmt':
      return value.renameType === 'OBJECT_ROLE' ? ROLE_RENAMED : KEEP
    case 'TransactionStmt':
      return transaction(value.kind)
    case 'CreateSchemaStmt':
      return value.schemaname === 'public' && !value.authrole && !value.schemaElts ? IGNORE : KEEP
    case 'CreateExtensionStmt':
      return value.extname === 'plpgsql' ? IGNORE : KEEP
    case 'CreatePLangStmt':
      return value.plname === 'plpgsql' ? IGNORE : KEEP
    case 'CommentStmt': {
      const boilerplate = value.objtype === 'OBJECT_EXTENSION' || value.objtype === 'OBJECT_LANGUAGE'
      if (boilerplate && isPlpgsql(value.object ? [value.object] : [])) return IGNORE
      return value.objtype === 'OBJECT_DATABASE' ? KEEP : onDatabase(value.objtype)
    }
    case 'AlterOwnerStmt':
      return value.objectType === 'OBJECT_LANGUAGE' && isPlpgsql(value.object ? [value.object] : []) ? IGNORE : onDatabase(value.objectType)
    case 'GrantStmt':
      return value.objtype === 'OBJECT_DATABASE' ? (value.objects?.length === 1 ? KEEP : TWO_DATABASES) : onDatabase(value.objtype)
    case 'ClusterStmt':
      // It says which index the table is kept by.
      return value.relation && value.indexname ? KEEP : ignored('CLUSTER')
    case 'VariableSetStmt':
      // Gone since PostgreSQL 12; old dumps set it.
      return value.name === 'default_with_oids' ? IGNORE : KEEP
    default: {
      const command = NOT_SCHEMA[tag]
      return command ? ignored(command) : KEEP
    }
  }
}

const KEEP: Verdict = { fate: 'keep' }
const IGNORE: Verdict = { fate: 'ignore' }
const PASSWORD: Verdict = {
  fate: 'keep',
  message: 'a password is no part of a schema: it is left out, never planned and never compared',
  hint: "set it on the server (psql's \\password), and take it out of the files: all who read them know it",
}
const ROLE_DROPPED: Verdict = {
  fate: 'refuse',
  message: 'schema files state the roles that there are, not those that there are not',
  hint: 'remove it: schemactl plan --manage roles --drop-role NAME drops a role',
}
/** Scripts begin so, and create the role next. */
const ROLE_NOT_DROPPED: Verdict = {
  fate: 'ignore',
  message: 'no role is dropped because of schema files: DROP ROLE IF EXISTS is ignored',
  hint: ROLE_DROPPED.hint ?? '',
}
const ROLE_RENAMED: Verdict = {
  fate: 'refuse',
  message: 'roles are stated by their names, not renamed',
  hint: 'state the role by its new name, and rename it on the server (ALTER ROLE … RENAME TO) before you plan',
}
const TWO_DATABASES: Verdict = {
  fate: 'refuse',
  message: 'a schema is of one database, and this statement names several',
  hint: 'name one: it means the database that is worked on, whatever that is called',
}
const SHADOW_ONLY = 'what it does to a live database is not planned; state the wanted objects instead'
const WORDS = { InsertStmt: 'INSERT', UpdateStmt: 'UPDATE', DeleteStmt: 'DELETE', MergeStmt: 'MERGE' } as const

const NOT_SCHEMA: { readonly [tag: string]: string } = {
  AlterDatabaseStmt: 'ALTER DATABASE',
  AlterDatabaseRefreshCollStmt: 'ALTER DATABASE',
  AlterSystemStmt: 'ALTER SYSTEM',
  AlterTableMoveAllStmt: 'ALTER … ALL IN TABLESPACE',
  AlterTableSpaceOptionsStmt: 'ALTER TABLESPACE',
  CheckPointStmt: 'CHECKPOINT',
  ClosePortalStmt: 'CLOSE',
  ConstraintsSetStmt: 'SET CONSTRAINTS',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  CreatedbStmt: 'CREATE DATABASE',
  DeallocateStmt: 'DEALLOCATE',
  DeclareCursorStmt: 'DECLARE',
  DiscardStmt: 'DISCARD',
  DropOwnedStmt: 'DROP OWNED',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  DropdbStmt: 'DROP DATABASE',
  ExecuteStmt: 'EXECUTE',
  ExplainStmt: 'EXPLAIN',
  FetchStmt: 'FETCH',
  ListenStmt: 'LISTEN',
  LoadStmt: 'LOAD',
  LockStmt: 'LOCK',
  NotifyStmt: 'NOTIFY',
  PrepareStmt: 'PREPARE',
  ReassignOwnedStmt: 'REASSIGN OWNED',
  RefreshMatViewStmt: 'REFRESH MATERIALIZED VIEW',
  ReindexStmt: 'REINDEX',
  UnlistenStmt: 'UNLISTEN',
  VacuumStmt: 'VACUUM or ANALYZE',
  VariableShowStmt: 'SHOW',
}

const NOT_IN_SCHEMA: { readonly [type: string]: string } = {
  OBJECT_DATABASE: 'a database',
  OBJECT_LARGEOBJECT: 'a large object',
  OBJECT_PARAMETER_ACL: "one of the server's settings",
  OBJECT_TABLESPACE: 'a tablespace',
}

function ignored(command: string): Verdict {
  return { fate: 'ignore', message: `${command} is no part of a schema and is ignored`, hint: 'remove it from the schema files' }
}

function data(command: string): Verdict {
  return {
    fate: 'refuse',
    message: `${command} is not schema`,
    hint: 'schema files state objects, not rows: keep reference data in data files, or write it as a step of a plan',
  }
}

function temporary(what: string): Verdict {
  return {
    fate: 'refuse',
    message: `a temporary ${what} is not schema`,
    hint: 'it ends with its session: remove it, or create it without TEMPORARY',
  }
}

function drop(): Verdict {
  return { fate: 'keep', message: 'DROP runs in the shadow only', hint: "remove it: what the files don't state is dropped" }
}

function transaction(kind: string | undefined): Verdict {
  if (kind?.includes('ROLLBACK')) {
    return { fate: 'refuse', message: 'ROLLBACK would undo what the file states', hint: 'remove it, and what it is meant to undo' }
  }
  return {
    fate: 'ignore',
    message: 'transaction commands are ignored',
    hint: 'remove them: all files are read in one transaction of their own',
  }
}

function onDatabase(type: string | undefined): Verdict {
  const what = NOT_IN_SCHEMA[type ?? '']
  if (what === undefined) return KEEP
  return { fate: 'ignore', message: `${what} is no part of a schema: the statement is ignored`, hint: 'remove it from the schema files' }
}

function select(targets: readonly Node[] | undefined): Verdict {
  const calls = (targets ?? []).map((target) => {
    const value = body(target, 'ResTarget')?.val
    return listNames(body(value, 'FuncCall')?.funcname).at(-1)
  })
  if (calls.length > 0 && calls.every((name) => name === 'set_config')) return KEEP
  if (calls.length > 0 && calls.every((name) => name === 'setval')) {
    return {
      fate: 'ignore',
      message: "a sequence's position is data, not schema: setval is ignored",
      hint: 'state where it starts in CREATE SEQUENCE … START',
    }
  }
  return { fate: 'keep', message: 'SELECT runs only in the shadow', hint: SHADOW_ONLY }
}

function isPlpgsql(objects: readonly Node[] | undefined): boolean {
  const names = listNames(objects)
  return names.length > 0 && names.every((name) => name === 'plpgsql')
}
