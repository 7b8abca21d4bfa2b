import type { CatalogObject } from '../catalog/catalog.js'
import { listOf } from '../catalog/written.js'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js'
import { kind } from './kind.js'
import { enabling } from './trigger.js'

type EventTrigger = {
  /** `ddl_command_start`, `ddl_command_end`, `sql_drop`, `table_rewrite` or (17) `login`. */
  readonly event: string
  /** Sorted command tags; empty: all. */
  readonly tags: readonly string[]
  readonly function: string
  /** `origin`, `disabled`, `replica` or `always`, after pg_event_trigger.evtenabled. */
  readonly enabled: string
}

export const eventTrigger = kind<EventTrigger>({
  name: 'event trigger',
  schemaless: true,
  ambient: true,
  query: `
    select 'pg_catalog.pg_event_trigger'::pg_catalog.regclass::oid as classid, e.oid, 0 as subid,
           array[e.evtname::text] as path,
           e.evtevent::text as event,
           array(select t from pg_catalog.unnest(e.evttags) t order by t collate "C") as tags,
           case when pg_catalog.array_length(e.evttags, 1) > 1 then pg_catalog.json_build_object('tags', e.evttags) end as written,
           pg_catalog.format('%I.%I', n.nspname, p.proname) as function,
           case e.evtenabled when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled
    from pg_catalog.pg_event_trigger e
    join pg_catalog.pg_proc p on p.oid = e.evtfoid
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace`,
  target: on,
  create: (object) => {
    const { event, function: name, enabled } = object.definition
    const tags = listOf(object, 'tags')
    const when = tags.length === 0 ? '' : ` when tag in (${tags.map(quoteLiteral).join(', ')})`
    return [`create ${on(object.id)} on ${event}${when} execute function ${name}()`, ...(enabled === 'origin' ? [] : [setEnabled(object)])]
  },
  alter: {
    event: 'recreate',
    tags: 'recreate',
    function: 'recreate',
    enabled: (after) => setEnabled(after),
  },
  impact: () => ({}),
})

function on(id: CatalogObject['id']): string {
  return `event trigger ${quoteIdentifier(id.path[0] ?? '')}`
}

function setEnabled(object: CatalogObject<EventTrigger>): string {
  return `alter ${on(object.id)} ${enabling(object.definition.enabled)}`
}
