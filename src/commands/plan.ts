import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Flags } from '@oclif/core'
import { allowFlag, BaseCommand, EXIT, schemaFlags, scopeFlags, urlFlags } from '../cli/command.js'
import type { Sort } from '../diff/scope.js'

export default class Plan extends BaseCommand {
  static override summary = 'Compare the schema files with the database and write a proven plan'
  static override flags = {
    ...urlFlags, ...schemaFlags, ...scopeFlags, ...allowFlag,
    message: Flags.string({ char: 'm', description: 'Title of the plan', helpValue: 'TITLE' }),
    out: Flags.string({ description: 'Write the plan to this file', helpValue: 'FILE', exclusive: ['no-out'] }),
    'no-out': Flags.boolean({ description: 'Write no file' }),
    'detailed-exitcode': Flags.boolean({ description: 'Exit with 2 when there is something to do' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Plan)
    const { openShadow, targetOf } = await import('../cli/workspace.js')
    const { connect } = await import('../postgres/connect.js')
    const { readSource } = await import('../source/read.js')
    const { planChanges } = await import('../plan/stage.js')
    const { formatPlan } = await import('../plan/plan-file.js')
    const target = targetOf(flags.url ?? '')
    const source = await readSource(flags.schema ?? ['schema'])
    const live = await connect(target, { readOnly: true })
    try {
      const { plan } = await planChanges({
        live, source, title: flags.message ?? null, searchPath: ['public'], ignore: [], parent: null, formerly: new Set(),
        shadow: (catalog) => openShadow(flags.shadow ?? 'auto', target, catalog),
        schemas: flags.schemas === '*' ? '*' : this.list(flags.schemas),
        manage: (this.list(flags.manage) ?? []) as Sort[],
        allow: this.list(flags.allow) ?? [],
      })
      if (!plan) {
        this.show('No changes.')
        return { changes: false }
      }
      if (!flags['no-out']) {
        const file = flags.out ?? join('plans', `${plan.id}.yaml`)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, formatPlan(plan))
      }
      for (const step of plan.segments.flatMap((segment) => segment.steps)) this.show(`${step.title}\n    ${step.up.join(';\n').replaceAll('\n', '\n    ')}`)
      if (flags['detailed-exitcode']) this.leave(EXIT.differences)
      return { changes: true, plan }
    } finally {
      await live.close()
    }
  }
}
