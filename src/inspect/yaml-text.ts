import type { Catalog } from '../catalog/catalog.js'
import type { Step } from '../diff/steps.js'
export function yamlText(_steps: readonly Step[], _catalog: Catalog): string { return '' }
