/** The signals that ask a process to end, with the exit codes that shells give them. */
const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
type Signal = keyof typeof CODES
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

/** Milliseconds that left-overs may take to be removed. */
const PATIENCE = 10_000

const cleanups = new Set<() => Promise<void>>()
const stops = new Set<() => void>()
let last: Signal | null = null
let tell: () => void = () => undefined

/** From now on a signal ends the process with one line about what it leaves, which `told` prints, unless somebody takes that over. */
export function tellEnding(told: () => void): void {
  tell = told
  // The start of the command line said it until here.
  for (const signal of SIGNALS) process.removeAllListeners(signal)
  listen()
}

/** `cleanup` is waited for before a signal ends the process. Returns how to take that back. */
export function beforeEnding(cleanup: () => Promise<void>): () => void {
  listen()
  cleanups.add(cleanup)
  return () => void cleanups.delete(cleanup)
}

/** The first signal calls `stop`, which leads to an orderly end; the second ends the process at once. Returns how to take that back. */
export function onFirstSignal(stop: () => void): () => void {
  listen()
  stops.add(stop)
  return () => void stops.delete(stop)
}

/** The exit code after the signal that came. */
export function signalCode(): number {
  return CODES[last ?? 'SIGINT']
}

function listen(): void {
  for (const signal of SIGNALS) if (!process.listeners(signal).includes(onSignal)) process.on(signal, onSignal)
}

function onSignal(signal: NodeJS.Signals): void {
  if (!isOurs(signal)) return
  const again = last !== null
  last = signal
  if (!again && stops.size > 0) for (const stop of [...stops].reverse()) stop()
  else void end(signal)
}

function isOurs(signal: NodeJS.Signals): signal is Signal {
  return Object.hasOwn(CODES, signal)
}

let ending = false

/** Left-overs are being removed: what fails meanwhile fails because of that. */
export function isEnding(): boolean {
  return ending
}

async function end(signal: Signal): Promise<void> {
  // Who asks again while left-overs are removed waits no longer.
  if (ending) process.exit(CODES[signal])
  ending = true
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())
  await Promise.race([Promise.allSettled([...cleanups].map((cleanup) => cleanup())), patience])
  tell()
  process.exit(CODES[signal])
}
