import { BaseCommand, EXIT, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'

export default class Drift extends BaseCommand {
  static override summary = 'Tell whether the database still is what was agreed'
  static override description =
    'Compares it with the state that the last plan left, as the journal has it; without a journal, or with --schema, with the schema files. Exits with 2 on drift, and never writes.'
  static override flags = { ...urlFlags, ...schemaFlags, ...scopeFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Drift)
    const workspace = await this.open(flags)
    const { driftFor, driftText } = await import('../cli/drift-stage.js')
    const { idOf } = await import('../catalog/id.js')
    const { connect } = await import('../postgres/connect.js')
    const session = await connect(workspace.target, { readOnly: true })
    try {
      const drift = await driftFor(workspace, session, flags.schema !== undefined, this.say)
      const drifted = drift.differences.length + drift.rows.length > 0
      if (drifted) this.leave(EXIT.differences)
      this.show(driftText(drift))
      const differences = drift.differences.map(({ key, ...difference }) => ({ ...idOf(key), ...difference }))
      return { drift: drifted, against: drift.against, differences, rows: drift.rows }
    } finally {
      await session.close()
    }
  }
}
