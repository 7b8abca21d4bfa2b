#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

module.enableCompileCache?.()
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

if (!existsSync(new URL('../dist/cli.js', import.meta.url))) {
  console.error('schemactl is not built yet: run `npm run build` first.')
  process.exit(1)
}
const { default: oclif } = await import('../dist/oclif.js')
// Not awaited: Node 24 ends `--help | head -1` with code 13, "unsettled top-level await".
oclif.execute({ dir: import.meta.url })
