import type { SourceFile } from '../files.js'
import { excerptsOf, type SourceMessage } from '../message.js'
import { readCsv } from './csv-rows.js'
import { readYamlRows } from './yaml-rows.js'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** As PostgreSQL would read it; lists and mappings of YAML wait until the type of their column is known. */
export type Cell = null | string | readonly Json[] | { readonly [name: string]: Json }

export interface DataRow {
  readonly line: number
  readonly cells: { readonly [column: string]: Cell }
}

/** Rows that one file declares of one table, or how they are to be compared. */
export interface DataFile {
  /** As shown to people. */
  readonly file: string
  /** `[schema, table]`, or `[table]`. */
  readonly table: readonly string[]
  /** Columns by which rows are told apart; null: the primary key. */
  readonly key: readonly string[] | null
  /** Rows that are not declared are deleted. */
  readonly delete: boolean
  readonly rows: readonly DataRow[]
}

export interface Wrong {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint: string | null
}

/** What a file in `data/` declares; its name is that of the table: `public.paises.csv`. */
export function readData({ file, text, format }: SourceFile): {
  readonly data: DataFile | null
  readonly errors: readonly SourceMessage[]
} {
  const wrong: Wrong[] = []
  const found = format === 'csv' ? { rows: readCsv(text, wrong) } : readYamlRows(text, wrong)
  const excerpt = excerptsOf(text)
  const errors = wrong.map((problem) => ({ file, ...problem, excerpt: excerpt(problem.line, problem.column) }))
  return { data: errors.length > 0 ? null : { file, table: tableOf(file), key: null, delete: false, ...found }, errors }
}

function tableOf(file: string): string[] {
  const name = (file.split('/').at(-1) ?? '').replace(/\.[^.]+$/, '')
  const dot = name.indexOf('.')
  return dot === -1 ? [name] : [name.slice(0, dot), name.slice(dot + 1)]
}
