import type { Hook } from '@oclif/core'

/** oclif's own way out has exit code 2, which is ours for differences. */
export const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const { nearest } = await import('../config/nearest.js')
  // What follows a command of two words is part of an unknown id, as oclif has it.
  const words = id.split(':').slice(0, 2).join(':')
  const near = nearest(words, config.commandIDs)?.replaceAll(':', ' ')
  process.stderr.write(
    `Error: there is no command ${id.replaceAll(':', ' ')}${near === undefined ? '' : `; did you mean ${near}?`}\nNext: schemactl --help lists the commands.\n`,
  )
  process.exitCode = 64
}
