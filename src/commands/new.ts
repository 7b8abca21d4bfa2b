import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../cli/command.js'
import { UserError } from '../errors.js'

export default class New extends BaseCommand {
  static override summary = 'Begin a plan of steps that you write yourself'
  static override description =
    'Writes a draft with room for SQL up and down, for data above all. plan --from rehearses it and makes it a plan; no database is asked for before that.'
  static override examples = ['<%= config.bin %> new -m "fill slugs"']
  static override flags = {
    config: Flags.string({ description: 'schemactl.yaml to use; default: the nearest one above the working folder', helpValue: 'FILE' }),
    message: Flags.string({ char: 'm', description: 'Title of the plan', helpValue: 'TITLE', required: true }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(New)
    const { loadProject } = await import('../config/project.js')
    const { writeDraft } = await import('../cli/new-stage.js')
    const { titleOf } = await import('../cli/usage.js')
    const title = titleOf(flags.message) ?? ''
    const project = await loadProject(process.cwd(), flags.config)
    if (project.file === undefined)
      throw new UserError('no-project', 'There is no schemactl.yaml here or above, and so no folder of plans.', {
        next: 'schemactl init makes a project.',
      })
    const file = await writeDraft(project.plans, title)
    this.show(`Wrote ${file}\nNext: write its steps, then schemactl plan --from ${file}`)
    return { file }
  }
}
