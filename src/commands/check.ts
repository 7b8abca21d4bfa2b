import { BaseCommand, EXIT, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'

export default class Check extends BaseCommand {
  static override summary = 'Tell whether a plan is missing: exits with 2 when the files ask for more than the plans do'
  static override description =
    'For CI: 0 when the database, and the plans that are pending for it, come to what the schema files say; 2 also when the file of an applied plan was edited.'
  static override flags = { ...urlFlags, ...schemaFlags, ...scopeFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Check)
    const workspace = await this.open(flags)
    const { checkPlans } = await import('../cli/check-stage.js')
    const { connect } = await import('../postgres/connect.js')
    const live = await connect(workspace.target, { readOnly: true })
    try {
      const { missing, edited, text } = await checkPlans(workspace, live, this.say)
      if (missing || edited.length > 0) this.leave(EXIT.differences)
      this.show(text)
      return { missing, edited, text }
    } finally {
      await live.close()
    }
  }
}
