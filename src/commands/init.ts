import * as Args from '@oclif/core/args'
import { BaseCommand } from '../cli/command.js'
import { FILES_STAY } from '../cli/interrupted.js'

export default class Init extends BaseCommand {
  static override summary = 'Write a small working project; overwrites nothing'
  static override args = { dir: Args.string({ description: 'Folder; made when absent', default: '.' }) }

  async run(): Promise<unknown> {
    const { args } = await this.parse(Init)
    const { initProject } = await import('../cli/init-stage.js')
    const { relative } = await import('node:path')
    this.leaves = FILES_STAY
    const done = await initProject(args.dir)
    for (const file of done.kept) this.say(`Kept ${file}, as it was there.`)
    for (const file of done.written) this.show(`Wrote ${file}`)
    const folder = relative(process.cwd(), done.folder)
    this.show(`\nNext:\n${folder === '' ? '' : `  cd ${folder}\n`}  schemactl plan\n  schemactl apply`)
    return done
  }
}
