import { join } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, urlFlags } from '../cli/command.js'
import { FILES_STAY } from '../cli/interrupted.js'
import { UserError } from '../errors.js'

export default class Inspect extends BaseCommand {
  static override summary = 'Write a live database as schema files'
  static override description =
    'What it writes is the database: plan finds no changes against it. Without --out, one file goes to standard output.'
  static override flags = {
    ...urlFlags,
    schemas: Flags.string({
      description: 'Schemas to write, separated by commas (one with a comma in double quotes); default: all',
      helpValue: 'NAME,…',
    }),
    manage: Flags.string({ description: 'Write also: owners, privileges, roles', helpValue: 'SORT,…' }),
    out: Flags.string({ description: 'File to write, or folder', helpValue: 'PATH' }),
    format: Flags.string({ description: 'What to write', options: ['sql', 'yaml'], default: 'sql' }),
    split: Flags.boolean({ description: 'One file per object' }),
    force: Flags.boolean({ description: 'Replace files, and write into a folder that has others' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Inspect)
    if (flags.split && flags.out === undefined && !this.jsonEnabled())
      throw new UserError('no-folder', '--split writes several files, and needs a folder.', { next: 'Name one with --out.' })
    const { target, schemas, manage } = await this.open(flags)
    const { connect } = await import('../postgres/connect.js')
    const { inspect } = await import('../inspect/inspect.js')
    const { catalogJson } = await import('../inspect/json.js')
    const live = await connect(target, { readOnly: true })
    try {
      const format = flags.format === 'yaml' ? 'yaml' : 'sql'
      const found = await inspect(live, { schemas: schemas ?? '*', manage, format, split: flags.split })
      this.sayList('Found, but not modelled by schemactl, and not written:', found.unmodelled)
      this.sayList('Needed by what is written, in schemas that were not asked for:', found.missing)
      const written = flags.out === undefined ? null : await this.write(found.files, flags.out, flags.split, flags.force, format)
      if (written === null) this.show([...found.files.values()].join('\n').trimEnd())
      if (!this.jsonEnabled()) return undefined
      return { ...catalogJson(found.catalog, found.unmodelled), ...(written === null ? {} : { files: written }) }
    } finally {
      await live.close()
    }
  }

  private async write(
    files: ReadonlyMap<string, string>,
    out: string,
    split: boolean,
    force: boolean,
    format: string,
  ): Promise<readonly string[]> {
    const { isFolder, writeFiles } = await import('../inspect/write.js')
    const only = (await isFolder(out)) ? join(out, `schema.${format}`) : out
    const placed = new Map([...files].map(([path, text]) => [split ? join(out, path) : only, text] as const))
    this.leaves = FILES_STAY
    const written = await writeFiles(placed, { folder: split ? out : null, force })
    this.sayList('Replaced:', written.replaced)
    this.sayList('Left as they were, and read along with the new files:', written.left)
    this.say(`Wrote ${written.files.length === 1 ? written.files[0] : `${written.files.length} files to ${out}`}`)
    return written.files
  }

  private sayList(title: string, items: readonly string[]): void {
    if (items.length > 0) this.say(`${title}\n${items.map((item) => `  ${item}`).join('\n')}`)
  }
}
