import type { Instance } from 'pg-query-emscripten/pg_query_wasm.js'
import { type ParseOutcome, type ScanOutcome, TOO_DEEP, type Token } from './outcome.js'

/** Parses by the grammar of PostgreSQL 16. Deep nesting can make it loop for ever: call it in a worker that can be ended. */
export async function parse16(sql: string): Promise<ParseOutcome> {
  try {
    return await withText(sql, (instance, pointer) => {
      const { parse_tree, error } = instance.raw_parse(pointer)
      if (error.message) return { message: error.message, position: error.cursorpos - 1 }
      return { statements: JSON.parse(parse_tree).stmts }
    })
  } catch {
    // The 64 KB stack overflowed: an exception or truncated JSON, and every later call on this instance is unreliable.
    loading = undefined
    return TOO_DEEP
  }
}

/** Splits text into tokens, comments among them. Does not recurse. */
export async function scan16(sql: string): Promise<ScanOutcome> {
  return withText(sql, (instance, pointer) => {
    const { tokens, error } = instance.raw_scan(pointer)
    if (error.message) return { message: error.message, position: error.cursorpos - 1 }
    const list: Token[] = []
    for (let index = 0; index < (tokens?.size() ?? 0); index++) {
      const token = tokens?.get(index)
      if (token) list.push({ kind: token.token_kind, start: token.start, end: token.end })
    }
    tokens?.delete()
    return { tokens: list }
  })
}

const encoder = new TextEncoder()
let loading: Promise<Instance> | undefined

async function withText<T>(sql: string, use: (instance: Instance, pointer: number) => T): Promise<T> {
  loading ??= load()
  const instance = await loading
  // Heap memory (0), not the stack: the stack is never given back.
  const pointer = instance.allocate(encoder.encode(`${sql}\0`), 0)
  try {
    return use(instance, pointer)
  } finally {
    instance._free(pointer)
  }
}

async function load(): Promise<Instance> {
  const { default: given } = await import('pg-query-emscripten/pg_query_wasm.js')
  // In the CommonJS bundle of the commands it is required: a module, with its default within.
  const Module: typeof given = 'default' in given ? (given.default as typeof given) : given
  return new Module()
}
