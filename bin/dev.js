#!/usr/bin/env node
import { build } from '../scripts/build.js'

await build()
const { default: oclif } = await import('../dist/oclif.js')
oclif.execute({ dir: import.meta.url, development: true })
