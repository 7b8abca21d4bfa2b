import type { Hook } from '@oclif/core/hooks'
import { errorJson, formatError } from './errors.js'

/** Of Alembic and others, and what does the same here. */
const VERBS: { readonly [verb: string]: string } = {
  upgrade: 'apply runs what is pending; --to ID and --steps N go as far as told.',
  downgrade: 'revert takes back the newest plan; --to ID, --steps N and --all go further.',
  current: 'status tells where the database stands.',
  heads: 'status tells where the database stands, and plans made side by side.',
  branches: 'status tells plans made side by side; schemactl rebase makes one follow the other.',
  merge: 'rebase makes one of two plans follow the other.',
  revision: 'plan -m TITLE compares files and database; schemactl new -m TITLE begins steps that you write.',
  autogenerate: 'plan -m TITLE compares files and database, and writes the plan.',
  generate: 'plan -m TITLE compares files and database, and writes the plan.',
  migrate: 'apply runs what is pending; schemactl plan -m TITLE writes what leads to the files.',
  deploy: 'apply runs what is pending.',
  up: 'apply runs what is pending.',
  rollback: 'revert takes back the newest plan.',
  undo: 'revert takes back the newest plan.',
  down: 'revert takes back the newest plan.',
  diff: 'plan --no-out compares files and database, and writes nothing; schemactl drift compares with the last plan.',
  push: 'dev brings a development database to the files without a plan; elsewhere, plan and apply do.',
  pull: 'inspect writes a live database as schema files.',
  dump: 'inspect writes a live database as schema files.',
  validate: 'check tells whether the plans come to what the files say; schemactl verify rehearses one again.',
}

/** oclif's own way out has exit code 2, which is ours for differences. */
export const commandNotFound: Hook.CommandNotFound = async ({ id, argv = [], config }) => {
  const { nearest } = await import('../config/nearest.js')
  const { usageError } = await import('./usage.js')
  // What follows a command of two words is part of an unknown id, as oclif has it.
  const words = id.split(':').slice(0, 2).join(':')
  const [first = ''] = id.split(':')
  const verb = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined
  const near = verb === undefined ? nearest(words, config.commandIDs)?.replaceAll(':', ' ') : undefined
  const error = usageError(
    `There is no command ${verb === undefined ? id.replaceAll(':', ' ') : first}${near === undefined ? '' : `; did you mean ${near}?`}`,
    verb === undefined ? 'schemactl --help lists the commands.' : `schemactl ${verb}`,
  )
  if (argv.includes('--json')) process.stdout.write(`${errorJson(error)}\n`)
  else process.stderr.write(`${formatError(error)}\n`)
  process.exitCode = 64
}
