import { nearest } from '../config/nearest.js'
import { UserError } from '../errors.js'

/** In plain JavaScript, a misspelt `requireSignatures` would require none. Throws UserError. */
export function refuseUnknown(call: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const near = nearest(unknown, known)
  throw new UserError('unknown-option', `${call} has no option ${unknown}${near === undefined ? '.' : `; did you mean ${near}?`}`, {
    next: `Its options are ${known.join(', ')}.`,
  })
}
