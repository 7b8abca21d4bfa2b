import { BaseCommand, schemaFlags, scopeFlags, urlFlags, yesFlag } from '../cli/command.js'

export default class Reset extends BaseCommand {
  static override summary = 'Make a development database anew from the files'
  static override description =
    'Drops what is managed, with its rows, makes it again, and runs what seed: in schemactl.yaml names. Asks on a terminal; elsewhere it needs --yes. Refuses databases of protected environments.'
  static override flags = { ...urlFlags, ...schemaFlags, ...scopeFlags, ...yesFlag }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Reset)
    const workspace = await this.open(flags)
    const { insist } = await import('../cli/ask.js')
    const { count } = await import('../cli/quantity.js')
    const { resetDatabase } = await import('../cli/reset-stage.js')
    const done = await resetDatabase(workspace, this.say, (question) => insist(question, flags.yes))
    const seeded = done.seeded.length === 0 ? '' : `, ${count(done.seeded.length, 'seed file')}`
    this.show(`Made anew: ${count(done.dropped, 'step')} down, ${count(done.made, 'step')} up${seeded}, in ${done.seconds.toFixed(1)} s.`)
    return done
  }
}
