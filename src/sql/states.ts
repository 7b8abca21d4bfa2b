import type { Constraint, Node } from 'libpg-query'
import { body, listNames, type PartFact, type Stated, type Subject, type Tagged, tagged } from './facts.js'
import { grantedOn, subjectOf } from './subject.js'

/** What the statement states of attributes that nobody compares unless they are stated. */
export function statesOf(statement: Tagged): readonly Stated[] {
  const [tag, value] = statement
  const on = subjectOf(statement)
  switch (tag) {
    case 'CreateStmt':
      return [...tablespace(value.tablespacename, on), ...notNullNames(value.tableElts, on)]
    case 'CreateForeignTableStmt':
      return notNullNames(value.base?.tableElts, on)
    case 'CreateTableAsStmt':
      return tablespace(value.into?.tableSpaceName, on)
    case 'IndexStmt':
      return tablespace(value.tableSpace, on)
    case 'AlterTableStmt':
      return (value.cmds ?? []).flatMap((command) => alterations(command, on))
    case 'AlterOwnerStmt':
      return [{ aspect: 'owner', on }]
    case 'CreateSchemaStmt':
      return [
        ...(value.authrole ? [{ aspect: 'owner', on } as const] : []),
        ...(value.schemaElts ?? []).flatMap((element) => inSchema(element, on)),
      ]
    case 'CreateExtensionStmt':
      return value.options?.some((option) => body(option, 'DefElem')?.defname === 'new_version') ? [{ aspect: 'version', on }] : []
    case 'AlterExtensionStmt':
      return value.options?.length ? [{ aspect: 'version', on }] : []
    case 'GrantStmt': {
      const columns = (value.privileges ?? []).flatMap((privilege) => listNames(body(privilege, 'AccessPriv')?.cols))
      const objects = grantedOn(value.objtype, value.targtype === 'ACL_TARGET_ALL_IN_SCHEMA', value.objects)
      return objects.map((object) => ({ aspect: 'privileges', on: object, ...(columns.length > 0 && { columns: [...new Set(columns)] }) }))
    }
    case 'GrantRoleStmt':
      return value.grantor ? pairs(value.granted_roles, value.grantee_roles).map((on) => ({ aspect: 'grantor', on })) : []
    case 'AlterDefaultPrivilegesStmt':
      return defaults(value.options).map((object) => ({ aspect: 'default-privileges', on: object }))
    default:
      return []
  }
}

/** Columns and named constraints, and where they stand. */
export function partsOf([tag, value]: Tagged): readonly PartFact[] {
  switch (tag) {
    case 'CreateStmt':
      return (value.tableElts ?? []).flatMap(parts)
    case 'CreateForeignTableStmt':
      return (value.base?.tableElts ?? []).flatMap(parts)
    case 'CompositeTypeStmt':
      return (value.coldeflist ?? []).flatMap(parts)
    case 'CreateDomainStmt':
      return (value.constraints ?? []).flatMap(parts)
    case 'AlterTableStmt':
      return (value.cmds ?? []).flatMap((command) => {
        const definition = body(command, 'AlterTableCmd')?.def
        return definition ? parts(definition) : []
      })
    default:
      return []
  }
}

function parts(element: Node): PartFact[] {
  const column = body(element, 'ColumnDef')
  if (column) return [...part(column.colname, column.location, true), ...(column.constraints ?? []).flatMap(parts)]
  const constraint = body(element, 'Constraint')
  return constraint ? part(constraint.conname, constraint.location, false) : []
}

function part(name: string | undefined, location: number | undefined, column: boolean): PartFact[] {
  return name ? [{ name, location: location ?? 0, column }] : []
}

function tablespace(name: string | undefined, on: Subject | null): Stated[] {
  return name ? [{ aspect: 'tablespace', on }] : []
}

function notNullNames(elements: readonly Node[] | undefined, on: Subject | null): Stated[] {
  const columns = (elements ?? []).flatMap((element) => {
    const column = body(element, 'ColumnDef')
    if (!column) return notNullColumns(body(element, 'Constraint'))
    const stated = column.constraints?.some((node) => isNamedNotNull(body(node, 'Constraint')))
    return stated && column.colname ? [column.colname] : []
  })
  return columns.length > 0 ? [{ aspect: 'not-null-name', on, columns }] : []
}

function notNullColumns(constraint: Constraint | undefined): string[] {
  return isNamedNotNull(constraint) ? listNames(constraint?.keys) : []
}

function isNamedNotNull(constraint: Constraint | undefined): boolean {
  // NO INHERIT, too, is compared only where it is stated.
  return constraint?.contype === 'CONSTR_NOTNULL' && (constraint.conname !== undefined || constraint.is_no_inherit === true)
}

function alterations(command: Node, on: Subject | null): Stated[] {
  const alteration = body(command, 'AlterTableCmd')
  switch (alteration?.subtype) {
    case 'AT_ChangeOwner':
      return [{ aspect: 'owner', on }]
    case 'AT_SetTableSpace':
      return [{ aspect: 'tablespace', on }]
    case 'AT_AddColumn':
    case 'AT_AddConstraint':
      return notNullNames(alteration.def ? [alteration.def] : [], on)
    default:
      return []
  }
}

/** As memberships are named: member, role. */
function pairs(granted: readonly Node[] | undefined, members: readonly Node[] | undefined): Subject[] {
  return listNames(granted).flatMap((role) => listNames(members).map((member) => ({ space: 'role', name: [member, role] }) as const))
}

function defaults(options: readonly Node[] | undefined): (Subject | null)[] {
  const schemas = (options ?? []).map((option) => body(option, 'DefElem')).find((option) => option?.defname === 'schemas')
  const names = schemas?.arg ? listNames([schemas.arg]) : []
  return names.length > 0 ? names.map((name) => ({ space: 'schema', name: [name] })) : [null]
}

// Elements of CREATE SCHEMA are in that schema unless they say so themselves.
function inSchema(element: Node, schema: Subject | null): Stated[] {
  return statesOf(tagged(element)).map((stated) => {
    const on = stated.on
    const bare = on && schema && ['relation', 'routine', 'type'].includes(on.space) && on.name.length === 1
    return bare ? { ...stated, on: { ...on, name: [...schema.name, ...on.name] } } : stated
  })
}
