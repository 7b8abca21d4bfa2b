import { BaseCommand, urlFlags } from '../cli/command.js'

export default class Status extends BaseCommand {
  static override summary = 'Tell where the database stands among the plans'
  static override description =
    'The newest applied plan, the pending ones in order, plans that were made side by side, and one that was cut short.'
  static override flags = { ...urlFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Status)
    const workspace = await this.open(flags)
    const { statusOf, statusText } = await import('../cli/status-stage.js')
    const { connect } = await import('../postgres/connect.js')
    const session = await connect(workspace.target, { readOnly: true })
    try {
      const status = await statusOf(workspace, session)
      this.show(statusText(status))
      return status
    } finally {
      await session.close()
    }
  }
}
