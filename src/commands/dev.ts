import * as Flags from '@oclif/core/flags'
import { allowFlag, BaseCommand, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'

export default class Dev extends BaseCommand {
  static override summary = 'Bring a development database to the files at once, without a plan'
  static override description =
    'Nothing is rehearsed, and no plan file is written: the journal notes that the database was changed without one. Refuses databases of protected environments, and losses that were not allowed.'
  static override examples = ['<%= config.bin %> dev', '<%= config.bin %> dev --watch --allow drop-column']
  static override flags = {
    ...urlFlags,
    ...schemaFlags,
    ...scopeFlags,
    ...allowFlag,
    watch: Flags.boolean({ char: 'w', description: 'Again whenever a schema file is saved, until Ctrl-C' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Dev)
    const workspace = await this.open(flags)
    const { develop } = await import('../cli/dev-stage.js')
    const { developedText } = await import('../cli/dev-text.js')
    if (flags.watch) {
      const { watchFiles } = await import('../cli/watch.js')
      const { formatError } = await import('../cli/errors.js')
      return watchFiles(workspace, this.say, async () => this.show(developedText(await develop(workspace, this.say))), formatError)
    }
    const done = await develop(workspace, this.say)
    this.show(developedText(done))
    return { steps: done.steps.map(({ title, sql }) => ({ title, sql })), seconds: done.seconds }
  }
}
