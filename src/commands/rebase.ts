import * as Args from '@oclif/core/args'
import { allowFlag, BaseCommand, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'

export default class Rebase extends BaseCommand {
  static override summary = 'Make a plan follow the others: plan it again on what they leave'
  static override description =
    'For plans that were made side by side, in two branches, or whose parent is gone. Title and hand-written steps stay, the file is replaced; plans that follow it move with it. The database is not changed.'
  static override examples = ['<%= config.bin %> rebase', '<%= config.bin %> rebase add-tags-3fa9']
  static override args = { plan: Args.string({ description: '(Beginning of) the id of the plan to move; needed where several could' }) }
  static override flags = { ...urlFlags, ...schemaFlags, ...scopeFlags, ...allowFlag }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Rebase)
    const workspace = await this.open(flags)
    const { shown } = await import('../cli/plan-folder.js')
    const { rebase } = await import('../cli/rebase-stage.js')
    const { connect } = await import('../postgres/connect.js')
    const live = await connect(workspace.target, { readOnly: true })
    try {
      const rebased = await rebase(workspace, live, args.plan, this.say)
      if (rebased.length === 0) this.show('Nothing to rebase: the plans are one line.')
      for (const { was, plan, file } of rebased)
        this.show(
          plan === null || file === null
            ? `${was}: nothing is left to do for it; its file is deleted.`
            : `${was} → ${shown(file)}, follows ${plan.parent ?? 'nothing'}`,
        )
      if (rebased.length > 0) this.show('Next: schemactl apply')
      return { rebased }
    } finally {
      await live.close()
    }
  }
}
