import { DOCUMENT, SHARED } from './document.js'
import type { Shape } from './shape.js'

export type Json = string | boolean | readonly Json[] | { readonly [key: string]: Json }

/** The JSON Schema (2020-12) of YAML schema files, for editors; `schemas/schema.json` is this, and a test holds the two together. */
export function jsonSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'schemactl schema file',
    ...spell(DOCUMENT),
    $defs: Object.fromEntries(Object.entries(SHARED).map(([name, shape]) => [name, spell(shape)])),
  }
}

const NAMES = new Map(Object.entries(SHARED).map(([name, shape]) => [shape, name]))

function schemaOf(shape: Shape): { readonly [key: string]: Json } {
  const name = NAMES.get(shape)
  return name === undefined ? spell(shape) : { $ref: `#/$defs/${name}` }
}

function spell(shape: Shape): { readonly [key: string]: Json } {
  const description = shape.what
  switch (shape.is) {
    case 'text':
      return shape.values ? { description, enum: shape.values } : { description, type: ['string', 'number', 'boolean'] }
    case 'flag':
      return { description, type: 'boolean' }
    case 'list':
      return { description, type: ['array', 'null'], items: schemaOf(shape.of) }
    case 'map':
      return { description, type: ['object', 'null'], additionalProperties: schemaOf(shape.of) }
    case 'record': {
      const properties = Object.fromEntries(Object.entries(shape.keys).map(([key, value]) => [key, schemaOf(value)]))
      const required = shape.required ?? []
      const type = required.length > 0 ? 'object' : ['object', 'null']
      return { description, type, properties, additionalProperties: false, ...(required.length > 0 && { required }) }
    }
    case 'either':
      return { description, anyOf: shape.of.map(schemaOf) }
    default:
      return shape satisfies never
  }
}
