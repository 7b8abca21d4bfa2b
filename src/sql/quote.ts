/**
 * An identifier as PostgreSQL would read it back: quoted only where it must be, so that plans read as a person
 * would write them. Quoted are also words that are reserved in any position, as quote_ident() does.
 */
export function quoteIdentifier(name: string): string {
  if (PLAIN.test(name) && !KEYWORDS.has(name)) return name
  return `"${name.replaceAll('"', '""')}"`
}

/** A path of names: `public."Weird name"`. */
export function quoteName(...path: readonly string[]): string {
  return path.map(quoteIdentifier).join('.')
}

/** The inverse of `quoteName`, for names as PostgreSQL prints them; null where the text is more than a path. */
export function namesOf(path: string): string[] | null {
  const names = path.match(PRINTED) ?? []
  return names.length === 0 || names.join('.') !== path ? null : names.map(unquoted)
}

/** Of a schema that had to be named, as those of PostgreSQL's own types never are: `timetable.kind` is no time. */
export function isQualified(type: string): boolean {
  return /^(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)\./u.test(type)
}

/** Names are printed without quotes where they are plain, in any script. */
const PRINTED = /"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/** What `set search_path =` takes. */
export function quoteSearchPath(schemas: readonly string[]): string {
  return schemas.length === 0 ? `''` : schemas.map(quoteIdentifier).join(', ')
}

/** A string constant that reads the same whatever standard_conforming_strings is. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}

/** The words of a statement without its names, strings and bodies in quotes, which may hold any word. */
export function withoutQuoted(sql: string): string {
  return sql.replaceAll(QUOTED, "''")
}

const QUOTED = /\be'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1/gi

const PLAIN = /^[a-z_][a-z0-9_$]*$/

// pg_get_keywords() of PostgreSQL 18.6, those that are not unreserved: catcode C, R and T.
const KEYWORDS: ReadonlySet<string> = new Set(
  [
    // column names (not function or type)
    'between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int',
    'integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar',
    'json_serialize json_table json_value least merge_action national nchar none normalize nullif numeric out overlay',
    'position precision real row setof smallint substring time timestamp treat trim values varchar xmlattributes',
    'xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable',
    // reserved
    'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create',
    'current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc',
    'distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral',
    'leading limit localtime localtimestamp not null offset on only or order placing primary references returning',
    'select session_user some symmetric system_user table then to trailing true union unique user using variadic when',
    'where window with',
    // function or type names
    'authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like',
    'natural notnull outer overlaps right similar tablesample verbose',
  ].flatMap((line) => line.split(' ')),
)
