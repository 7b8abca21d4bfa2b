/** What `--help` tells of the commands (see src/cli/help.ts), out of what oclif knows of them. */
export function helpPages(commands, { description, oclif: { bin } }) {
  const pages = Object.entries(commands).map(([id, command]) => {
    const name = id.replaceAll(':', ' ')
    const said = (text = '') => text.replaceAll('<%= config.bin %>', bin).replaceAll('<%= command.id %>', name)
    return [
      name,
      {
        summary: said(command.summary),
        description: said(command.description),
        args: Object.entries(command.args ?? {}).map(([arg, { description: about, required }]) => ({
          usage: usageOfArg(arg, required, command.strict),
          about: said(about),
        })),
        flags: flagsOf(command).map(([flag, options]) => ({
          usage: usageOfFlag(flag, options),
          about: aboutFlag(options, said),
        })),
        examples: (command.examples ?? []).map((example) =>
          typeof example === 'string'
            ? { about: '', command: said(example) }
            : { about: said(example.description), command: said(example.command) },
        ),
      },
    ]
  })
  return { bin, description, commands: Object.fromEntries(pages) }
}

function usageOfArg(name, required, strict) {
  const word = `${name.toUpperCase()}${strict === false ? '…' : ''}`
  return required ? word : `[${word}]`
}

function flagsOf({ baseFlags, flags, enableJsonFlag }) {
  // oclif itself adds this one when it parses.
  const json = enableJsonFlag ? { json: { type: 'boolean', description: 'Results as JSON on standard output, and errors too' } } : {}
  return Object.entries({ ...baseFlags, ...flags, ...json }).filter(([, { hidden }]) => !hidden)
}

function usageOfFlag(name, { char, type, options, helpValue, multiple, allowNo }) {
  const value = type === 'boolean' ? '' : ` ${options?.join('|') ?? helpValue ?? (type === 'option' ? 'N' : '')}`
  return `${char ? `-${char}, ` : '    '}--${allowNo ? '[no-]' : ''}${name}${value}${multiple ? ' …' : ''}`
}

function aboutFlag({ description, default: preset, type }, said) {
  const about = said(description)
  return preset === undefined || type === 'boolean' || typeof preset === 'function' ? about : `${about} [default: ${preset}]`
}
