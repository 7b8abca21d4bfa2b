import * as Flags from '@oclif/core/flags'
import { allowFlag, BaseCommand, EXIT, schemaFlags, scopeFlags, urlFlags, wayFlags } from '../cli/command.js'

export default class Plan extends BaseCommand {
  static override summary = 'Compare the schema files with the database and write a proven plan'
  static override examples = [
    '<%= config.bin %> plan -m "add tags"',
    '<%= config.bin %> plan --url postgres://localhost/app --schema schema --out plan.yaml --allow drop-column',
    {
      description: 'In CI: 2 when the files ask for more than the database has',
      command: '<%= config.bin %> plan --no-out --detailed-exitcode',
    },
  ]
  static override flags = {
    ...urlFlags,
    ...schemaFlags,
    ...scopeFlags,
    ...allowFlag,
    from: Flags.string({
      description: 'Make a plan of a draft that schemactl new wrote',
      helpValue: 'DRAFT',
      exclusive: ['message', 'schema'],
    }),
    ...wayFlags,
    message: Flags.string({ char: 'm', description: 'Title of the plan', helpValue: 'TITLE' }),
    out: Flags.string({ description: 'Write the plan to this file', helpValue: 'FILE', exclusive: ['no-out'] }),
    'no-out': Flags.boolean({ description: 'Write no file' }),
    'detailed-exitcode': Flags.boolean({ description: 'Exit with 2 when there is something to do' }),
    strict: Flags.boolean({ description: 'Exit with 1 when the database has objects that schemactl cannot model' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Plan)
    const workspace = await this.open(flags)
    await (await import('../cli/plan-report.js')).refuseNoPlace(workspace, flags)
    const { connect } = await import('../postgres/connect.js')
    const { planOf, requestedBy } = await import('../cli/plan-stage.js')
    const live = await connect(workspace.target, { readOnly: true })
    try {
      const { planFromDraft } = await import('../cli/draft-stage.js')
      const result =
        flags.from === undefined
          ? await planOf(workspace, live, requestedBy({ ...flags, say: this.say }))
          : await planFromDraft(workspace, live, flags.from, this.say, flags.rename)
      const { CLEAR, preflight } = await import('../cli/preflight.js')
      const ahead = result.plan === null ? CLEAR : await preflight(live, result.plan.segments, result.planned)
      return await this.report(workspace, result, ahead, flags)
    } finally {
      await live.close()
    }
  }

  private async report(
    workspace: Awaited<ReturnType<BaseCommand['open']>>,
    result: import('../cli/plan-stage.js').PlanResult,
    ahead: import('../cli/preflight.js').Preflight,
    flags: { from?: string | undefined; out?: string | undefined; 'no-out': boolean; 'detailed-exitcode': boolean; strict: boolean },
  ): Promise<unknown> {
    const cli = await import('../cli/plan-report.js')
    const { plan, planned, pending } = result
    for (const remark of [...cli.remarks(result.source, planned), ...cli.firstSight(workspace, result)]) this.say(remark)
    const around = cli.aroundOf(planned)
    const waiting = pending.map(({ plan: { id } }) => id)
    if (flags.strict && around.unmodelled.length > 0) this.leave(EXIT.error)
    else if (flags['detailed-exitcode'] && (plan !== null || waiting.length > 0)) this.leave(EXIT.differences)
    if (plan === null) {
      this.show(cli.nothingReport(waiting))
      for (const text of cli.surroundings(workspace, result)) this.show(text)
      return { changes: waiting.length > 0, pending: waiting, ...around }
    }
    const file = cli.outFile(workspace, plan, flags)
    if (file !== null) await cli.writePlan(file, plan)
    for (const text of cli.surroundings(workspace, result)) this.say(text)
    this.show(cli.planReport(plan, planned, ahead, file, workspace))
    const told = { changes: true, pending: waiting, file, plan, preflight: ahead, ...around }
    if (flags.from === undefined) return told
    await cli.replaceDraft(flags.from, file, result.beside, this.say)
    return { ...told, schemaChanges: result.beside }
  }
}
