import { Document, isScalar, visit } from 'yaml'
import type { Value } from '../../catalog/catalog.js'

const WIDTH = 100

/** YAML documents as a person would write them: texts of several lines as blocks, short lists in a line. */
export function spell(documents: readonly Value[]): string {
  const texts = documents.map((value) => {
    const document = new Document(value, { version: '1.2', aliasDuplicateObjects: false })
    visit(document, {
      Seq(_, node, path) {
        const parent = path.at(-1)
        const isScript = parent !== undefined && 'key' in parent && isScalar(parent.key) && parent.key.value === 'sql'
        const texts = node.items.map((item) => (isScalar(item) ? String(item.value) : '\n'))
        if (!isScript && texts.join(', ').length < WIDTH && texts.every((text) => !text.includes('\n'))) node.flow = true
      },
    })
    return document.toString({ lineWidth: 0, blockQuote: 'literal', flowCollectionPadding: false })
  })
  return texts.join('---\n')
}
