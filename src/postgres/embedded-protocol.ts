/** What the thread of the embedded PostgreSQL is started with. */
export interface StartOptions {
  /** Data directory, created when absent; in memory without. */
  readonly folder?: string
  /** Where a template may have been shipped. */
  readonly shippedTemplates: string
  /** Where templates are kept: in the first of them that can be written to. */
  readonly templateCaches: readonly string[]
  /** PostgreSQL as another thread of this process has compiled it. */
  readonly engine?: WebAssembly.Module
}

export type ToWorker =
  /** Whole messages of PostgreSQL's wire protocol. */
  { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'close' }

export type FromWorker =
  | { readonly kind: 'compiled'; readonly engine: WebAssembly.Module }
  | { readonly kind: 'ready' }
  /** `done`: all that was sent is answered. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly done: boolean }
  /** The instance cannot be used any more. */
  | { readonly kind: 'failed'; readonly reason: string }
