import * as Args from '@oclif/core/args'
import { BaseCommand, schemaFlags, urlFlags } from '../cli/command.js'

export default class Verify extends BaseCommand {
  static override summary = 'Rehearse a plan again, against the database as it is now'
  static override description =
    'Exits with 0 where it still arrives and comes back, with 1 and the first difference where not. Pending plans before it are rehearsed with it. Changes nothing.'
  static override examples = ['<%= config.bin %> verify add-tags-3fa9', '<%= config.bin %> verify plans/fill-slugs.draft.yaml']
  static override args = { plan: Args.string({ description: 'Plan file, draft, or (beginning of) an id', required: true }) }
  static override flags = { ...urlFlags, shadow: schemaFlags.shadow }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Verify)
    const workspace = await this.open(flags)
    const { verifyPlan } = await import('../cli/verify-stage.js')
    const { preflightText } = await import('../cli/preflight.js')
    const { connect } = await import('../postgres/connect.js')
    const live = await connect(workspace.target, { readOnly: true })
    try {
      const verified = await verifyPlan(workspace, live, args.plan, this.say)
      const { plan, irreversible, rehearsal, ahead } = verified
      for (const caveat of rehearsal.caveats) this.say(`Not shown: ${caveat}`)
      this.show(`Proven again on ${rehearsal.shadow}: ${plan} arrives${irreversible === null ? ', and comes back' : ''}.`)
      for (const text of preflightText(ahead)) this.say(text)
      return verified
    } finally {
      await live.close()
    }
  }
}
