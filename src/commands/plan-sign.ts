import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, urlFlags } from '../cli/command.js'

export default class PlanSign extends BaseCommand {
  static override summary = 'Approve a plan: sign its digest with your SSH key'
  static override description =
    'Writes the signature beside the plan, as a file to commit. Ed25519 keys without a passphrase are used directly, all others through ssh-keygen: of agents, with passphrases, on security tokens. A plan that was edited is not signed.'
  static override examples = [
    '<%= config.bin %> plan sign add-tags-3fa9',
    '<%= config.bin %> plan sign plans/add-tags-3fa9c21b.yaml --key ~/.ssh/id_ed25519',
    {
      description: 'The same without schemactl, for who has the digest',
      command: 'echo DIGEST | ssh-keygen -Y sign -n schemactl-plan -f ~/.ssh/id_ed25519 > plans/ID.me.sig',
    },
  ]
  static override args = { plan: Args.string({ description: 'Plan file, or (beginning of) an id', required: true }) }
  static override flags = {
    ...urlFlags,
    key: Flags.string({
      description:
        "Private key, or public one that the agent holds; default: git's user.signingkey where git signs by SSH, else ~/.ssh/id_ed25519",
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PlanSign)
    const { approvalsText } = await import('../cli/approvals.js')
    const { locatePlan } = await import('../cli/locate-plan.js')
    const { signedText, signPlan } = await import('../cli/sign-stage.js')
    const located = await locatePlan(args.plan, () => this.open(flags), flags)
    const signed = await signPlan(located, { project: located.project, env: flags.env }, flags.key, this.say)
    this.show([signedText(signed), ...approvalsText(signed)].join('\n'))
    return signed
  }
}
