import { Ansis } from 'ansis'

/** Colours of what stands on standard output: none without a terminal, whatever a CI's variables promise, unless FORCE_COLOR asks for them. */
export const colour = process.stdout.isTTY || process.env.FORCE_COLOR ? new Ansis() : new Ansis(0)
