import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readSource, type Source, SourceError, type SourceMessage } from '../../src/source/read.js'

/** Reads files that exist only for the call. */
export async function readTexts(
  files: { readonly [name: string]: string | Uint8Array },
  paths: readonly string[] = ['.'],
): Promise<Source> {
  const folder = await mkdtemp(join(tmpdir(), 'schemactl-source-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), content)
    }
    return await readSource(paths, { cwd: folder })
  } finally {
    await rm(folder, { recursive: true })
  }
}

export async function readSql(sql: string): Promise<Source> {
  return readTexts({ 'a.sql': sql })
}

export async function readYaml(yaml: string): Promise<Source> {
  return readTexts({ 'a.yaml': yaml })
}

/** What a refused reading tells. */
export async function refusal(reading: Promise<Source>): Promise<readonly SourceMessage[]> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof SourceError)) throw new Error('the source was read, or failed otherwise', { cause: error })
  return error.messages
}
