import type { Statement } from '../source/statement.js'
import { quoteIdentifier } from '../sql/quote.js'
import type { DatabaseErrorLike } from './load-error.js'

/** The extension that brings what PostgreSQL did not find, and what to do about it; undefined where none of those that we know does. */
export function extensionHint(
  { code = '', message }: DatabaseErrorLike,
  { placeAt }: Statement,
  all: readonly Statement[],
): string | undefined {
  const name = NOT_FOUND.has(code) ? missingName(message) : ''
  const extension = SCALAR_IN_GIST.test(message) ? 'btree_gist' : Object.keys(BRINGS).find((own) => BRINGS[own]?.test(name))
  if (extension === undefined || all.some(({ subject }) => subject?.name.at(-1) === name && name !== extension)) return undefined
  const creating = all.find(({ node, subject }) => node === 'CreateExtensionStmt' && subject?.name[0] === extension)
  if (!creating)
    return `State the extension that brings it in a file: create extension ${quoteIdentifier(extension)}${placeAt ? `; in YAML extensions: [${extension}]` : ''}.`
  return code === UNDEFINED_FUNCTION
    ? undefined
    : `${creating.file}:${creating.line} creates the extension ${extension}, in a schema that is not looked in here: write that before the name, or add it to searchPath: in schemactl.yaml.`
}

const UNDEFINED_FUNCTION = '42883'
/** Undefined object: types, access methods, operator classes. */
const NOT_FOUND = new Set(['42704', UNDEFINED_FUNCTION])

/** Without its schema. */
function missingName(message: string): string {
  const [, object, routine] = /"([^"]+)"|([\w.]+)\(/.exec(message) ?? []
  return (object ?? routine)?.split('.').at(-1) ?? ''
}

/** As in `exclude using gist (room with =, during with &&)`. */
const SCALAR_IN_GIST =
  /^data type (?:smallint|integer|bigint|numeric|real|double precision|uuid|boolean|date|time\w*( with\w* time zone)?|interval) has .* "gist"$/

/** pg_available_extensions knows no more than names: these are the types, access methods, operator classes and functions that schemas use most. */
const BRINGS: { readonly [extension: string]: RegExp } = {
  vector: /^(?:(?:half|sparse)?vec(?:tor)?|hnsw|ivfflat|(?:vector|halfvec|sparsevec|bit)_(?:l1|l2|ip|cosine|hamming|jaccard)_ops)$/,
  pg_trgm: /^(?:gin|gist)_trgm_ops$|^(?:word_|strict_word_)?similarity$|^show_trgm$/,
  citext: /^citext$/,
  hstore: /^hstore$/,
  ltree: /^(?:ltree|lquery|ltxtquery)$/,
  postgis: /^(?:geometry|geography|box[23]d)$|^(?:gist_geometry_ops\w*|gist_geography_ops)$|^st_\w+$/,
  'uuid-ossp': /^uuid_(?:generate_v\w+|nil|ns_\w+)$/,
  pgcrypto: /^(?:gen_salt|crypt|digest|hmac|gen_random_bytes|pgp_\w+)$/,
  unaccent: /^unaccent$/,
}
