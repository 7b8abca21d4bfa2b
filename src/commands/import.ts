import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'
import { FILES_STAY } from '../cli/interrupted.js'

export default class Import extends BaseCommand {
  static override summary = 'Take over a database that another tool kept: import alembic'
  static override description =
    'Writes the database as schema files, one an object, without the table alembic_version, which schemactl.yaml then ignores; and a plan that makes the same of an empty database, which the journal then has. Without a project, the working folder becomes one. Overwrites nothing.'
  static override examples = ['<%= config.bin %> import alembic --url postgresql+psycopg://localhost/app']
  static override args = { from: Args.string({ description: 'The other tool', required: true, options: ['alembic'] }) }
  static override flags = {
    ...urlFlags,
    schema: schemaFlags.schema,
    ...scopeFlags,
    format: Flags.string({ description: 'What to write', options: ['sql', 'yaml'], default: 'sql' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Import)
    const workspace = await this.open(flags)
    const { importAlembic } = await import('../cli/import-stage.js')
    const { count } = await import('../cli/quantity.js')
    this.leaves = `${FILES_STAY}; schemactl status tells whether the database was recorded`
    const imported = await importAlembic(workspace, flags, flags.format === 'yaml' ? 'yaml' : 'sql', this.say)
    const { revisions, files, unmodelled, plan, planFile } = imported
    if (unmodelled.length > 0)
      this.say(`Found, but not modelled by schemactl, and not written:\n${unmodelled.map((text) => `  ${text}`).join('\n')}`)
    this.show(`Alembic stood at ${revisions.join(', ') || 'base'}; recorded as ${plan}.\nWrote ${count(files.length, 'file')}.`)
    if (planFile !== null)
      this.show(
        `${planFile} makes it of an empty database; on others that Alembic kept, schemactl stamp ${plan} records that they have it.`,
      )
    this.show('Next: schemactl plan finds no changes; commit the files, and take the table alembic_version away when nobody needs it.')
    return imported
  }
}
