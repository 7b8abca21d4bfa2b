/** The package has no types. Its public parse() leaks the stack and frees it; only the raw_* functions are declared here. */
declare module 'pg-query-emscripten/pg_query_wasm.js' {
  interface Failure {
    readonly message: string
    /** 1-based, in code points; stale unless there is a message. */
    readonly cursorpos: number
  }

  interface Token {
    readonly text: string
    /** UTF-8 bytes. Both are wrong for U&'' constants. */
    readonly start: number
    readonly end: number
    readonly token_kind: string
  }

  interface TokenVector {
    size(): number
    get(index: number): Token
    delete(): void
  }

  export interface Instance {
    allocate(bytes: Uint8Array, where: 0): number
    _free(pointer: number): void
    raw_parse(pointer: number): { readonly parse_tree: string; readonly error: Failure }
    raw_scan(pointer: number): { readonly tokens?: TokenVector; readonly error: Failure }
  }

  const Module: new () => Promise<Instance>
  export default Module
}
