import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { listFiles } from '../source/files.js'
import { onFirstSignal } from './signals.js'
import type { Workspace } from './workspace.js'

/** Milliseconds between two looks at the files; what a look takes is a small part of it. */
const INTERVAL = 250

/**
 * Runs `work` now and whenever a schema file was saved, came or went, until Ctrl-C. Errors are shown, and it goes on. Files are looked at,
 * not subscribed to: that works on every file system, and through editors that save by renaming.
 */
export async function watchFiles(
  workspace: Workspace,
  say: (text: string) => void,
  work: () => Promise<void>,
  explain: (error: Error) => string,
): Promise<void> {
  const stop = new AbortController()
  const end = () => stop.abort()
  const release = onFirstSignal(end)
  try {
    while (!stop.signal.aborted) {
      const seen = await looks(workspace.schema)
      await work().catch((error: Error) => say(explain(error)))
      if (stop.signal.aborted) break
      say('Watching. Ctrl-C ends it.')
      await changed(workspace.schema, seen, stop.signal)
    }
  } finally {
    release()
  }
}

/** Returns once the files differ from `seen` and have come to rest: several are often saved at once. */
async function changed(paths: readonly string[], seen: string, signal: AbortSignal): Promise<void> {
  let before = seen
  while (!signal.aborted) {
    const started = Date.now()
    const now = await looks(paths)
    if (now !== seen && now === before) return
    before = now
    // Aborted: the loop ends.
    await sleep(Math.max(INTERVAL, 10 * (Date.now() - started)), undefined, { signal }).catch(() => undefined)
  }
}

/** Names, sizes and times of all schema files; what cannot be read is as good as gone. */
async function looks(paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map((path) => listFiles(path).catch(() => [])))).flat()
  const facts = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs, size, ino }) => `${file} ${mtimeMs} ${size} ${ino}`,
        () => file,
      ),
    ),
  )
  return facts.join('\n')
}
