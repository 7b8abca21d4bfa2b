import { defaultPrivileges } from './default-privileges.js'
import { publicationSchema } from './publication-schema.js'
import { publicationTable } from './publication-table.js'
import { publication } from './publication.js'
import { extension } from './extension.js'
import { rule } from './rule.js'
import { policy } from './policy.js'
import { triggerState } from './trigger-state.js'
import { trigger } from './trigger.js'
import { accessMethod } from './access-method.js'
import { transform } from './transform.js'
import { language } from './language.js'
import { textSearchConfiguration } from './text-search-configuration.js'
import { textSearchDictionary } from './text-search-dictionary.js'
import { textSearchTemplate } from './text-search-template.js'
import { textSearchParser } from './text-search-parser.js'
import { conversion } from './conversion.js'
import { collation } from './collation.js'
import { operatorClass } from './operator-class.js'
import { operatorFamilyMember } from './operator-family-member.js'
import { operatorFamily } from './operator-family.js'
import { operator } from './operator.js'
import { cast } from './cast.js'
import { baseType } from './base-type.js'
import { rangeType } from './range-type.js'
import { aggregate } from './aggregate.js'
import { attribute } from './attribute.js'
import { compositeType } from './composite-type.js'
import { domainConstraint } from './domain-constraint.js'
import { domain } from './domain.js'
import { enumType } from './enum.js'
import { eventTrigger } from './event-trigger.js'
import { securityLabel } from './security-label.js'
import { membership } from './membership.js'
import { role } from './role.js'
import { subscription } from './subscription.js'
import { foreignTable } from './foreign-table.js'
import { userMapping } from './user-mapping.js'
import { server } from './server.js'
import { foreignDataWrapper } from './foreign-data-wrapper.js'
import { cluster } from './cluster.js'
import { replicaIdentity } from './replica-identity.js'
import { statistics } from './statistics.js'
import { comment } from './comment.js'
import { grant } from './grant.js'
import { indexAttachment } from './index-attachment.js'
import { keyIndex } from './key-index.js'
import { materializedView } from './materialized-view.js'
import { owner } from './owner.js'
import { partition } from './partition.js'
import { procedure, routineFunction } from './routine.js'
import { sequence } from './sequence.js'
import { sequenceOwner } from './sequence-owner.js'
import { index } from './table-index.js'
import { view } from './view.js'
import { viewColumn } from './view-column.js'
import { column } from './column.js'
import { constraint } from './constraint.js'
import { columnDefault } from './default.js'
import type { ObjectKind } from './kind.js'
import { schema } from './schema.js'
import { table } from './table.js'

/**
 * Every kind of object that schemactl knows; the order is that of reports, and of steps where nothing else decides: what acts on
 * whatever is created after it (default privileges, event triggers) stands last.
 */
export const KINDS: readonly ObjectKind[] = [trigger, triggerState, policy, rule, extension, publication, publicationTable, publicationSchema, statistics, replicaIdentity, cluster, foreignDataWrapper, server, userMapping, foreignTable, subscription, role, membership, securityLabel, accessMethod, transform, language, textSearchConfiguration, textSearchDictionary, textSearchTemplate, textSearchParser, conversion, collation, operatorClass, operatorFamilyMember, operatorFamily, operator, cast, baseType, rangeType, aggregate, attribute, compositeType, domainConstraint, domain, enumType, sequence, sequenceOwner, partition, index, keyIndex, indexAttachment, view, viewColumn, materializedView, routineFunction, procedure, owner, grant, comment, schema, table, column, columnDefault, constraint, defaultPrivileges, eventTrigger]

const BY_NAME = new Map(KINDS.map((kind) => [kind.name, kind]))

/** Throws on a name that no kind has: ids come from kinds, so that would be a bug. */
export function kindOf(name: string): ObjectKind {
  const kind = BY_NAME.get(name)
  if (kind === undefined) throw new Error(`no kind is named ${name}`)
  return kind
}
