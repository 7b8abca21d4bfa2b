import type { At } from './place.js'

/** What may stand at a place of a YAML file. Plain data: the reader, the types of what it returns and the JSON Schema come of it. */
export type Shape =
  | { readonly is: 'text'; readonly what: string; readonly values?: readonly string[] }
  | { readonly is: 'flag'; readonly what: string }
  | { readonly is: 'list'; readonly what: string; readonly of: Shape }
  | { readonly is: 'map'; readonly what: string; readonly of: Shape }
  | {
      readonly is: 'record'
      readonly what: string
      readonly keys: { readonly [key: string]: Shape }
      readonly required?: readonly string[]
    }
  | { readonly is: 'either'; readonly what: string; readonly of: readonly Shape[] }

/** A scalar, as it is written: `1.10` stays `1.10`. */
export interface Text {
  readonly text: string
  readonly at: At
}

export interface Flag {
  readonly flag: boolean
  readonly at: At
}

export interface Entry<V> {
  readonly name: string
  readonly at: At
  readonly value: V
}

/** What the reader returns for a shape. Text, flag, list, map and record are told apart by their one key beside `at`. */
export type Value<S> = S extends { is: 'text' }
  ? Text
  : S extends { is: 'flag' }
    ? Flag
    : S extends { is: 'list'; of: infer O }
      ? { readonly list: readonly Value<O>[]; readonly at: At }
      : S extends { is: 'map'; of: infer O }
        ? { readonly entries: readonly Entry<Value<O>>[]; readonly at: At }
        : S extends { is: 'record'; keys: infer K }
          ? { readonly keys: { readonly [P in keyof K]?: Value<K[P]> }; readonly at: At }
          : S extends { is: 'either'; of: readonly (infer O)[] }
            ? Value<O>
            : never

// `const` keeps the literal types, from which Value infers.
export const text = (what: string) => ({ is: 'text', what }) as const
export const flag = (what: string) => ({ is: 'flag', what }) as const
export const word = <const V extends readonly string[]>(what: string, values: V) => ({ is: 'text', what, values }) as const
export const list = <const S extends Shape>(what: string, of: S) => ({ is: 'list', what, of }) as const
export const map = <const S extends Shape>(what: string, of: S) => ({ is: 'map', what, of }) as const
export const either = <const S extends readonly Shape[]>(what: string, ...of: S) => ({ is: 'either', what, of }) as const
export const record = <const K extends { readonly [key: string]: Shape }>(what: string, keys: K, ...required: (keyof K & string)[]) =>
  ({ is: 'record', what, keys, required }) as const
