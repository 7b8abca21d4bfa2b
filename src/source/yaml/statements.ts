import { quoteName } from '../../sql/quote.js'
import { attributesOf, commentOn } from './attributes.js'
import type { Document } from './document.js'
import { type Draft, fragmentList, literal, name, script, sql } from './draft.js'
import { routineDrafts } from './routines.js'
import type { Entry } from './shape.js'
import { tableDrafts } from './tables.js'
import { domainDrafts, enumDrafts, sequenceDrafts, typeDrafts } from './types.js'
import { materializedViewDrafts, viewDrafts } from './views.js'

/** All statements that a document stands for, roughly in the order in which they need one another. */
export function statementsOf({ keys, at }: Document, searchPath: string | undefined): Draft[] {
  const schema = keys.schema?.text ?? 'public'
  const each = <V>(map: { readonly entries: readonly Entry<V>[] } | undefined, drafts: (entry: Entry<V>, schema: string) => Draft[]) =>
    (map?.entries ?? []).flatMap((entry) => drafts(entry, schema))
  return [
    // Fragments name things without a schema, and mean this one.
    ...(searchPath === undefined ? [] : [{ pieces: sql`set search_path = ${searchPath}`, at: keys.schema?.at ?? at }]),
    ...schemaDrafts(keys.schemas),
    ...extensionDrafts(keys.extensions),
    ...each(keys.enums, enumDrafts),
    ...each(keys.domains, domainDrafts),
    ...each(keys.types, typeDrafts),
    ...each(keys.sequences, sequenceDrafts),
    ...each(keys.functions, (entry, own) => routineDrafts('function', entry, own)),
    ...each(keys.procedures, (entry, own) => routineDrafts('procedure', entry, own)),
    ...each(keys.tables, tableDrafts),
    ...each(keys.views, viewDrafts),
    ...each(keys.materializedViews, materializedViewDrafts),
    ...scriptDrafts(keys.sql),
    ...(keys.grants?.list ?? []).map((grant) => ({ pieces: sql`grant ${fragmentList(grant)}`, at: grant.at })),
    ...(keys.comments?.entries ?? []).map(({ name: object, at: place, value }) => ({
      pieces: sql`comment on ${fragmentList({ text: object, at: place })} is ${literal(value)}`,
      at: place,
    })),
  ]
}

type Keys = Document['keys']

function schemaDrafts(schemas: Keys['schemas']): Draft[] {
  if (!schemas) return []
  if ('list' in schemas) return schemas.list.map((own) => ({ pieces: sql`create schema if not exists ${name(own)}`, at: own.at }))
  return schemas.entries.flatMap(({ name: own, at, value: { keys } }) => [
    { pieces: sql`create schema if not exists ${name({ text: own, at })}`, at },
    ...attributesOf({ sort: 'schema', path: sql`${quoteName(own)}` }, keys),
  ])
}

function extensionDrafts(extensions: Keys['extensions']): Draft[] {
  if (!extensions) return []
  if ('list' in extensions) return extensions.list.map((own) => ({ pieces: sql`create extension if not exists ${name(own)}`, at: own.at }))
  return extensions.entries.flatMap(
    ({
      name: own,
      at,
      value: {
        keys: { version, schema, comment },
      },
    }) => [
      {
        pieces: sql`create extension if not exists ${name({ text: own, at })}${schema ? sql` schema ${name(schema)}` : ''}${version ? sql` version ${literal(version)}` : ''}`,
        at,
      },
      ...commentOn(`extension ${quoteName(own)}`, comment),
    ],
  )
}

function scriptDrafts(scripts: Keys['sql']): Draft[] {
  if (!scripts) return []
  if ('text' in scripts) return [{ pieces: [script(scripts)], at: scripts.at, many: true }]
  return scripts.list.map((item) => ({ pieces: [script(item)], at: item.at }))
}
