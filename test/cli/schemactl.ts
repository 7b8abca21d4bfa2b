import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from '../servers/root.js'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command line, far from whatever database the environment of the tests names. */
export async function schemactl(folder: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ended> {
  // Jest's workers have FORCE_COLOR where the run's own terminal has colours.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !['DATABASE_URL', 'NODE_OPTIONS', 'FORCE_COLOR'].includes(name) && !name.startsWith('PG'),
  )
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ])
  return { code, stdout, stderr }
}

export interface Said {
  readonly code: number | null
  readonly said: { readonly [name: string]: unknown }
}

/** The same with --json, read. */
export async function schemactlJson(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const { code, stdout } = await schemactl(folder, [...args, '--json'], variables)
  return { code, said: JSON.parse(stdout) as Said['said'] }
}

/** The code of the error that it ends with, beside the exit code. */
export async function errorFrom(
  folder: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly error: string | undefined }> {
  const { code, said } = await schemactlJson(folder, args)
  return { code, error: (said.error as { code: string } | undefined)?.code }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

const made: string[] = []

/** A folder with these files; `removeFolders` takes it away. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'schemactl-cli-'))
  made.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
}
