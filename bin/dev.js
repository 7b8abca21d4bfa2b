#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { build } from '../scripts/build.js'

await build()
const { loadCli } = await import('../dist/start.js')
loadCli(fileURLToPath(new URL('../dist/cli.cjs', import.meta.url))).execute({ dir: import.meta.url, development: true })
