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

/** The same for what takes rows away: where nobody can be asked, only --yes is a yes. */
export async function insist(question: string, yes: boolean): Promise<void> {
  if (!yes && !(process.stdin.isTTY && process.stderr.isTTY))
    throw new UserError('needs-yes', `${question} There is no terminal to answer on.`, { next: 'Say --yes if that is what you want.' })
  await confirm(question, yes)
}
