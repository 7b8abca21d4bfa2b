import { createInterface } from 'node:readline/promises'
import { UserError } from '../errors.js'

/** Asks on a terminal, and there only; elsewhere the command itself is the answer. Throws UserError on anything but yes. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `)
    if (!/^(y|yes)$/i.test(answer.trim())) throw new UserError('declined', 'Nothing was done.')
  } finally {
    terminal.close()
  }
}
