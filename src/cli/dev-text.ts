import type { Developed } from './dev-stage.js'
import { count } from './quantity.js'

export function developedText({ steps, warnings, unmodelled, seconds }: Developed): string {
  const remarks = [
    ...warnings.map(({ statement, message }) => `Warning: ${statement.file}:${statement.line}:${statement.column}: ${message}`),
    ...(unmodelled.length === 0
      ? []
      : [`Not modelled, so left alone:\n${unmodelled.map(({ description }) => `  ${description}`).join('\n')}`]),
  ]
  const done =
    steps.length === 0
      ? 'Nothing to do: the database is what the files say.'
      : `Done: ${count(steps.length, 'step')} in ${seconds.toFixed(1)} s.`
  return [...remarks, done].join('\n')
}
