import type { Hook } from '@oclif/core'

/** oclif's own way out has exit code 2, which is ours for differences. */
export const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const { nearest } = await import('../config/nearest.js')
  const near = nearest(id, config.commandIDs)?.replaceAll(':', ' ')
  process.stderr.write(
    `Error: there is no command ${id.replaceAll(':', ' ')}${near === undefined ? '' : `; did you mean ${near}?`}\nNext: schemactl --help lists the commands.\n`,
  )
  process.exitCode = 64
}
