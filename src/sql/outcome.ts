import type { RawStmt } from 'libpg-query'

/** A lexical token: its kind as PostgreSQL's grammar names it (CREATE, IDENT, SQL_COMMENT, ASCII_59), and where, in UTF-8 bytes. */
export interface Token {
  readonly kind: string
  readonly start: number
  readonly end: number
}

/** What is wrong, and where: `position` is 0-based and in code points. */
export interface Refusal {
  readonly message: string
  readonly position: number
  readonly deep?: true
}

export type ParseOutcome = { readonly statements: readonly RawStmt[] } | Refusal
export type ScanOutcome = { readonly tokens: readonly Token[] } | Refusal

export const TOO_DEEP: Refusal = { message: 'nested too deeply', position: 0, deep: true }
