import { accessMethod } from './access-method.js'
import { aggregate } from './aggregate.js'
import { attribute } from './attribute.js'
import { baseType } from './base-type.js'
import { cast } from './cast.js'
import { cluster } from './cluster.js'
import { collation } from './collation.js'
import { column } from './column.js'
import { comment } from './comment.js'
import { compositeType } from './composite-type.js'
import { constraint } from './constraint.js'
import { conversion } from './conversion.js'
import { database } from './database.js'
import { databaseSetting } from './database-setting.js'
import { columnDefault } from './default.js'
import { defaultPrivileges } from './default-privileges.js'
import { domain } from './domain.js'
import { domainConstraint } from './domain-constraint.js'
import { enumType } from './enum.js'
import { eventTrigger } from './event-trigger.js'
import { extension } from './extension.js'
import { extensionDependency } from './extension-dependency.js'
import { foreignDataWrapper } from './foreign-data-wrapper.js'
import { foreignTable } from './foreign-table.js'
import { grant } from './grant.js'
import { identitySequence } from './identity-sequence.js'
import { indexAttachment } from './index-attachment.js'
import { keyIndex } from './key-index.js'
import type { ObjectKind } from './kind.js'
import { language } from './language.js'
import { materializedView } from './materialized-view.js'
import { membership } from './membership.js'
import { notNullComment } from './not-null-comment.js'
import { operator } from './operator.js'
import { operatorClass } from './operator-class.js'
import { operatorFamily } from './operator-family.js'
import { operatorFamilyMember } from './operator-family-member.js'
import { owner } from './owner.js'
import { partition } from './partition.js'
import { policy } from './policy.js'
import { publication } from './publication.js'
import { publicationSchema } from './publication-schema.js'
import { publicationTable } from './publication-table.js'
import { rangeType } from './range-type.js'
import { replicaIdentity } from './replica-identity.js'
import { role } from './role.js'
import { roleSettings } from './role-settings.js'
import { procedure, routineFunction } from './routine.js'
import { rule } from './rule.js'
import { schema } from './schema.js'
import { securityLabel } from './security-label.js'
import { sequence } from './sequence.js'
import { sequenceOwner } from './sequence-owner.js'
import { server } from './server.js'
import { shellOperator } from './shell-operator.js'
import { shellType } from './shell-type.js'
import { statistics } from './statistics.js'
import { subscription } from './subscription.js'
import { table } from './table.js'
import { index } from './table-index.js'
import { textSearchConfiguration } from './text-search-configuration.js'
import { textSearchDictionary } from './text-search-dictionary.js'
import { textSearchParser } from './text-search-parser.js'
import { textSearchTemplate } from './text-search-template.js'
import { transform } from './transform.js'
import { trigger } from './trigger.js'
import { triggerState } from './trigger-state.js'
import { userMapping } from './user-mapping.js'
import { view } from './view.js'
import { viewColumn } from './view-column.js'

/**
 * Every kind of object that schemactl knows; the order is that of reports, and of steps where nothing else decides: what acts on
 * whatever is created after it (default privileges, event triggers) stands last.
 */
export const KINDS: readonly ObjectKind[] = [
  trigger,
  triggerState,
  policy,
  rule,
  extension,
  publication,
  publicationTable,
  publicationSchema,
  statistics,
  replicaIdentity,
  cluster,
  foreignDataWrapper,
  server,
  userMapping,
  foreignTable,
  subscription,
  role,
  roleSettings,
  membership,
  database,
  databaseSetting,
  securityLabel,
  accessMethod,
  transform,
  language,
  textSearchConfiguration,
  textSearchDictionary,
  textSearchTemplate,
  textSearchParser,
  conversion,
  collation,
  operatorClass,
  operatorFamilyMember,
  operatorFamily,
  operator,
  shellOperator,
  cast,
  baseType,
  shellType,
  rangeType,
  aggregate,
  attribute,
  compositeType,
  domainConstraint,
  domain,
  enumType,
  sequence,
  sequenceOwner,
  identitySequence,
  partition,
  index,
  keyIndex,
  indexAttachment,
  view,
  viewColumn,
  materializedView,
  routineFunction,
  procedure,
  extensionDependency,
  owner,
  grant,
  comment,
  notNullComment,
  schema,
  table,
  column,
  columnDefault,
  constraint,
  defaultPrivileges,
  eventTrigger,
]

const BY_NAME = new Map(KINDS.map((kind) => [kind.name, kind]))

/** Throws on a name that no kind has: ids come from kinds, so that would be a bug. */
export function kindOf(name: string): ObjectKind {
  const kind = BY_NAME.get(name)
  if (kind === undefined) throw new Error(`no kind is named ${name}`)
  return kind
}
