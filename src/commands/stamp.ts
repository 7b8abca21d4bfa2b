import * as Args from '@oclif/core/args'
import { BaseCommand, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'

export default class Stamp extends BaseCommand {
  static override summary = 'Record plans as applied without running them'
  static override description =
    `Takes over a database that has its objects already. PLAN records that plan and those before it; head records all that are pending, or, where there are no plans, the database as it is.`
  static override examples = ['<%= config.bin %> stamp head', '<%= config.bin %> stamp add-tags-3fa9 --env production']
  static override args = { plan: Args.string({ description: 'Plan file, (beginning of an) id, or head', required: true }) }
  static override flags = { ...urlFlags, schema: schemaFlags.schema, ...scopeFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Stamp)
    const workspace = await this.open(flags)
    const { count } = await import('../cli/quantity.js')
    const { besideFiles, besideText, stampPlans } = await import('../cli/stamp-stage.js')
    const { connect } = await import('../postgres/connect.js')
    const session = await connect(workspace.target)
    try {
      const stamped = await stampPlans(workspace, session, args.plan)
      const { plans, unlike } = stamped
      if (unlike.length > 0)
        this.say(
          `${count(unlike.length, 'object')} ${unlike.length === 1 ? 'is' : 'are'} not as these plans leave them; schemactl plan tells what to do about it:\n${unlike.map((name) => `  ${name}`).join('\n')}`,
        )
      for (const { id } of plans) this.show(`Stamped ${id}: this database has it.`)
      if (plans.length === 0) this.show('Nothing to stamp: this database has it already.')
      const beside = await besideFiles(workspace, session, stamped, this.say)
      if (beside) this.say(besideText(beside))
      return { stamped: plans.map(({ id }) => id), unlike, ...(beside && { unlikeFiles: beside.unlikeFiles }) }
    } finally {
      await session.close()
    }
  }
}
