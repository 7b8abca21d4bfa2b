#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

module.enableCompileCache?.()
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

if (!existsSync(new URL('../dist/help.json', import.meta.url))) {
  console.error('schemactl is not built yet: run `npm run build` first.')
  process.exit(1)
}
const { helpAsked } = await import('../dist/help.js')
const asked = helpAsked(process.argv.slice(2), process.stdout.columns ?? 80)
if (typeof asked === 'string') process.stdout.write(`${asked}\n`)
else {
  const { default: oclif } = await import('../dist/oclif.js')
  // Not awaited: Node 24 ends `--version | head -1` with code 13, "unsettled top-level await".
  oclif.execute({ dir: import.meta.url, args: [...asked] })
}
