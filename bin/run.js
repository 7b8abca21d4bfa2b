#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

// Until a command is there to say more.
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }))
  process.on(signal, () => {
    console.error('Interrupted: nothing was changed.')
    process.exit(code)
  })
// Who reads no further (`| head -1`) does not end what is under way.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') return
    console.error(
      `Error: What there is to say cannot be written: ${error.message}.\nNext: Make room where the output goes, or send it elsewhere.`,
    )
    process.exit(1)
  })
// A container's user may have neither HOME nor a line in /etc/passwd.
try {
  homedir()
} catch {
  process.env.HOME = tmpdir()
}

if (!existsSync(new URL('../dist/help.json', import.meta.url))) {
  console.error('schemactl is not built yet: run `npm run build` first.')
  process.exit(1)
}
const { helpAsked, loadCli } = await import('../dist/start.js')
const asked = helpAsked(process.argv.slice(2), process.stdout.columns ?? 80)
if (typeof asked === 'string') process.stdout.write(`${asked}\n`)
else {
  const { execute } = loadCli(fileURLToPath(new URL('../dist/cli.cjs', import.meta.url)))
  // Not awaited: Node 24 ends `--version | head -1` with code 13, "unsettled top-level await".
  // There are no plugins, so nobody needs to look for them in HOME, which may be somebody else's.
  const root = fileURLToPath(import.meta.url)
  execute({ dir: import.meta.url, args: [...asked], loadOptions: { root, userPlugins: false, devPlugins: false } })
}
