import type { Directive } from '../sql/directives.js'
import type { NamedDatabase, Stated, Subject } from '../sql/facts.js'
import type { LabelFact } from '../sql/labels.js'

export type { Directive, LabelFact, NamedDatabase, Stated, Subject }

/** One statement of the schema files. */
export interface Statement {
  /** As written, without the closing semicolon and without the comments before it; CONCURRENTLY is cut, and YAML is spelt as SQL. */
  readonly text: string
  /** As shown to people: relative to the working folder where it is inside it. */
  readonly file: string
  /** 1-based, of the first token; `column` in characters. */
  readonly line: number
  readonly column: number
  /** The top node of its tree: 'CreateStmt', 'ViewStmt', 'DoStmt', … */
  readonly node: string
  /** What it creates, alters, comments or grants on; null where it is about none or several. */
  readonly subject: Subject | null
  /** Attributes that are compared only where they are stated. */
  readonly states: readonly Stated[]
  /** Columns and named constraints that it states, and their lines. */
  readonly parts: readonly { readonly name: string; readonly line: number }[]
  /** Where the name of a database stands in the text, in UTF-16 units; it means the one that is worked on. */
  readonly database?: NamedDatabase
  /** Of an enum: the labels that it makes, adds or renames. */
  readonly labels?: LabelFact
  /** From comments: `-- @renamed from old_name`. */
  readonly directives: readonly Directive[]
  /** Where the file says what stands after so many characters of the text; undefined where the file has that text itself. */
  readonly placeAt?: (characters: number) => { readonly line: number; readonly column: number }
}
