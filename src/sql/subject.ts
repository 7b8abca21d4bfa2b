import type { Node, ObjectType, RangeVar } from 'libpg-query'
import { body, listNames, namesOf, type Subject, type Tagged } from './facts.js'

/** What a statement creates, alters, comments or grants on; null where it is about none or several. */
export function subjectOf([tag, statement]: Tagged): Subject | null {
  switch (tag) {
    case 'CreateStmt':
    case 'AlterTableStmt':
      return relation(statement.relation)
    case 'CreateForeignTableStmt':
      return relation(statement.base?.relation)
    case 'CreateTableAsStmt':
      return relation(statement.into?.rel)
    case 'SelectStmt':
      return relation(statement.intoClause?.rel)
    case 'ViewStmt':
      return relation(statement.view)
    case 'CreateSeqStmt':
    case 'AlterSeqStmt':
      return relation(statement.sequence)
    case 'IndexStmt':
      return statement.idxname ? relation({ ...statement.relation, relname: statement.idxname }) : relation(statement.relation)
    case 'CompositeTypeStmt':
      return statement.typevar ? { space: 'type', name: path(statement.typevar) } : null
    case 'CreateEnumStmt':
    case 'CreateRangeStmt':
    case 'AlterEnumStmt':
    case 'AlterDomainStmt':
    case 'AlterTypeStmt':
      return named('type', listNames(statement.typeName))
    case 'CreateDomainStmt':
      return named('type', listNames(statement.domainname))
    case 'CreateFunctionStmt':
      return overloaded(named('routine', listNames(statement.funcname)), statement.parameters)
    case 'AlterFunctionStmt':
      return named('routine', listNames(statement.func?.objname))
    case 'DefineStmt':
      return ofKind(statement.kind, listNames(statement.defnames))
    case 'CreateTrigStmt':
      return within('trigger', statement.relation, statement.trigname)
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt':
      return within('policy', statement.table, statement.policy_name)
    case 'RuleStmt':
      return within('rule', statement.relation, statement.rulename)
    case 'CreateSchemaStmt':
      return named('schema', [statement.schemaname ?? statement.authrole?.rolename ?? ''])
    case 'CreateExtensionStmt':
    case 'AlterExtensionStmt':
    case 'AlterExtensionContentsStmt':
      return named('extension', [statement.extname ?? ''])
    case 'CreateRoleStmt':
      return named('role', [statement.role ?? ''])
    case 'AlterRoleStmt':
    case 'AlterRoleSetStmt':
      return named('role', [statement.role?.rolename ?? ''])
    case 'GrantRoleStmt':
      // As memberships are named: member, role.
      return statement.grantee_roles?.length === 1 && statement.granted_roles?.length === 1
        ? named('role', [...listNames(statement.grantee_roles), ...listNames(statement.granted_roles)])
        : null
    case 'AlterDatabaseSetStmt':
      return named('other', [statement.setstmt?.name ?? ''])
    case 'CommentStmt':
    case 'SecLabelStmt':
      return objectOf(statement.objtype, statement.object)
    case 'AlterOwnerStmt':
    case 'AlterObjectSchemaStmt':
    case 'AlterObjectDependsStmt':
      return statement.relation ? relation(statement.relation) : objectOf(statement.objectType, statement.object)
    case 'RenameStmt':
      return renamed(statement.renameType, statement.relation, statement.object, statement.subname)
    case 'GrantStmt': {
      const objects = grantedOn(statement.objtype, statement.targtype === 'ACL_TARGET_ALL_IN_SCHEMA', statement.objects)
      return objects.length === 1 ? (objects[0] ?? null) : null
    }
    case 'CreateEventTrigStmt':
    case 'AlterEventTrigStmt':
      return named('other', [statement.trigname ?? ''])
    case 'CreateStatsStmt':
    case 'AlterStatsStmt':
      return named('other', listNames(statement.defnames))
    case 'CreateFdwStmt':
    case 'AlterFdwStmt':
      return named('other', [statement.fdwname ?? ''])
    case 'CreateForeignServerStmt':
    case 'AlterForeignServerStmt':
      return named('other', [statement.servername ?? ''])
    case 'CreateUserMappingStmt':
    case 'AlterUserMappingStmt':
      return named('other', [statement.user?.rolename ?? '', statement.servername ?? ''])
    case 'CreatePublicationStmt':
    case 'AlterPublicationStmt':
      return named('other', [statement.pubname ?? ''])
    case 'CreateSubscriptionStmt':
    case 'AlterSubscriptionStmt':
      return named('other', [statement.subname ?? ''])
    case 'CreateConversionStmt':
      return named('other', listNames(statement.conversion_name))
    case 'CreateOpClassStmt':
      return named('other', listNames(statement.opclassname))
    case 'CreateOpFamilyStmt':
    case 'AlterOpFamilyStmt':
      return named('other', listNames(statement.opfamilyname))
    case 'AlterOperatorStmt':
      return named('other', listNames(statement.opername?.objname))
    case 'AlterCollationStmt':
      return named('other', listNames(statement.collname))
    case 'AlterTSDictionaryStmt':
      return named('other', listNames(statement.dictname))
    case 'AlterTSConfigurationStmt':
      return named('other', listNames(statement.cfgname))
    case 'CreatePLangStmt':
      return named('other', [statement.plname ?? ''])
    case 'CreateAmStmt':
      return named('other', [statement.amname ?? ''])
    case 'CreateCastStmt':
      return named('other', [...listNames(statement.sourcetype?.names), ...listNames(statement.targettype?.names)])
    case 'CreateTransformStmt':
      return named('other', [...listNames(statement.type_name?.names), statement.lang ?? ''])
    default:
      return null
  }
}

/** The objects that a GRANT or REVOKE names; ON ALL … IN SCHEMA names schemas. */
export function grantedOn(type: ObjectType | undefined, allInSchema: boolean, objects: readonly Node[] | undefined): Subject[] {
  return (objects ?? []).flatMap((object) => {
    const subject = allInSchema ? named('schema', namesOf(object)) : objectOf(type, object)
    return subject ?? []
  })
}

export function relation(range: RangeVar | undefined): Subject | null {
  return range?.relname ? { space: 'relation', name: path(range) } : null
}

function objectOf(type: ObjectType | undefined, object: Node | undefined): Subject | null {
  const names = body(object, 'List') ? (body(object, 'List')?.items ?? []).flatMap(namesOf) : namesOf(object)
  return ofKind(type, names)
}

function ofKind(type: ObjectType | undefined, names: readonly string[]): Subject | null {
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
    case 'OBJECT_FOREIGN_TABLE':
      return named('relation', names)
    case 'OBJECT_COLUMN':
      return named('relation', names.slice(0, -1))
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return named('routine', names)
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return named('type', names)
    case 'OBJECT_SCHEMA':
      return named('schema', names)
    case 'OBJECT_EXTENSION':
      return named('extension', names)
    case 'OBJECT_ROLE':
      return named('role', names)
    case 'OBJECT_DATABASE':
      // The one that is worked on, whatever it is called.
      return named('other', ['current'])
    case 'OBJECT_TRIGGER':
      return named('trigger', names)
    case 'OBJECT_POLICY':
      return named('policy', names)
    case 'OBJECT_RULE':
      return named('rule', names)
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_DOMCONSTRAINT':
      return named('constraint', names)
    case 'OBJECT_OPCLASS':
    case 'OBJECT_OPFAMILY':
      // The access method comes first.
      return named('other', names.slice(1))
    default:
      return named('other', names)
  }
}

function renamed(
  type: ObjectType | undefined,
  range: RangeVar | undefined,
  object: Node | undefined,
  part: string | undefined,
): Subject | null {
  switch (type) {
    case 'OBJECT_TRIGGER':
      return within('trigger', range, part)
    case 'OBJECT_POLICY':
      return within('policy', range, part)
    case 'OBJECT_RULE':
      return within('rule', range, part)
    case 'OBJECT_TABCONSTRAINT':
      return within('constraint', range, part)
    case 'OBJECT_SCHEMA':
      return named('schema', [part ?? ''])
    case 'OBJECT_ROLE':
      return named('role', [part ?? ''])
    default:
      return range ? relation(range) : objectOf(type, object)
  }
}

function within(space: Subject['space'], range: RangeVar | undefined, name: string | undefined): Subject | null {
  return range && name ? { space, name: [...path(range), name] } : null
}

function path(range: RangeVar): string[] {
  return range.schemaname ? [range.schemaname, range.relname ?? ''] : [range.relname ?? '']
}

function overloaded(routine: Subject | null, parameters: readonly Node[] | undefined): Subject | null {
  const types = (parameters ?? []).flatMap((parameter) => {
    const { mode, argType } = body(parameter, 'FunctionParameter') ?? {}
    if (mode === 'FUNC_PARAM_OUT' || mode === 'FUNC_PARAM_TABLE') return []
    return `${listNames(argType?.names).at(-1)}${'[]'.repeat(argType?.arrayBounds?.length ?? 0)}`
  })
  return routine && (types.length === 0 ? routine : { ...routine, overload: types.join() })
}

function named(space: Subject['space'], name: readonly string[]): Subject | null {
  return name.some((part) => part !== '') ? { space, name } : null
}
