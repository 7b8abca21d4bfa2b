// `node scripts/complete-lock.js`, after an install that changed package-lock.json: a registry that holds only this machine's
// platform leaves the optional packages of all others out of it, and `npm ci` then refuses the file as out of step.
// Adds them by name and platform, without a checksum; where they are there already, nothing changes.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const LOCK = resolve(import.meta.dirname, '../package-lock.json')
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const lock = JSON.parse(readFileSync(LOCK, 'utf8'))
const added = Object.entries(lock.packages).flatMap(([path, entry]) => missing(path, entry))
lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')))
if (added.length > 0) writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} packages added`)

function missing(path, entry) {
  const names = Object.entries(entry.optionalDependencies ?? {}).filter(([name]) => !found(path, name))
  return names.map(([name, version]) => [
    `node_modules/${name}`,
    { version, ...platform(name), ...(entry.dev && { dev: true }), optional: true },
  ])
}

function found(path, name) {
  return [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => lock.packages[place] !== undefined)
}

/** Read from the name, as these packages are named: `@scope/tool-linux-arm64-musl`. */
function platform(name) {
  const os = SYSTEMS.find((system) => name.includes(system))
  const cpu = PROCESSORS.find((processor) => name.includes(processor))
  if (os === undefined && cpu === undefined) throw new Error(`${name} names no platform: add it by hand`)
  const libc = name.includes('musl') ? 'musl' : /-(gnu|gnueabihf)$/.test(name) ? 'glibc' : undefined
  return { ...(cpu && { cpu: [cpu] }), ...(libc && os === 'linux' && { libc: [libc] }), ...(os && { os: [os] }) }
}
