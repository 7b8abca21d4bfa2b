import type { Hook } from '@oclif/core/hooks'
import { errorJson, formatError } from './errors.js'

/** oclif's own way out has exit code 2, which is ours for differences. */
export const commandNotFound: Hook.CommandNotFound = async ({ id, argv = [], config }) => {
  const { nearest } = await import('../config/nearest.js')
  const { usageError } = await import('./usage.js')
  // What follows a command of two words is part of an unknown id, as oclif has it.
  const words = id.split(':').slice(0, 2).join(':')
  const near = nearest(words, config.commandIDs)?.replaceAll(':', ' ')
  const error = usageError(
    `There is no command ${id.replaceAll(':', ' ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
    'schemactl --help lists the commands.',
  )
  if (argv.includes('--json')) process.stdout.write(`${errorJson(error)}\n`)
  else process.stderr.write(`${formatError(error)}\n`)
  process.exitCode = 64
}
