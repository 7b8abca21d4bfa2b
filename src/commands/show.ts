import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, urlFlags } from '../cli/command.js'

export default class Show extends BaseCommand {
  static override summary = 'Show a plan: its steps, or the SQL that psql could run'
  static override args = {
    plan: Args.string({ description: 'Plan file, or (beginning of) the id of a plan in the project or the journal', required: true }),
  }
  static override flags = {
    ...urlFlags,
    sql: Flags.boolean({ description: 'As a script for psql' }),
    down: Flags.boolean({ description: 'The way back', dependsOn: ['sql'] }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Show)
    const { locatePlan } = await import('../cli/locate-plan.js')
    const { plan, project, folder } = await locatePlan(args.plan, () => this.open(flags), flags)
    const { approvalsFor, approvalsText } = await import('../cli/approvals.js')
    const signed = await approvalsFor(plan, [folder], project, flags.env)
    if (flags.sql) {
      const { planScript } = await import('../cli/plan-script.js')
      this.show(planScript(plan, flags.down))
    } else {
      const { planText } = await import('../cli/plan-text.js')
      const head = [`${plan.id}: ${plan.title}`, `Follows: ${plan.parent ?? 'nothing'}`, ...approvalsText(signed)]
      this.show(`${head.join('\n')}\n\n${planText(plan)}`)
    }
    return { ...plan, approvals: signed.approvals }
  }
}
