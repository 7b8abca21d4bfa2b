import Apply from './commands/apply.js'
import Inspect from './commands/inspect.js'
import Plan from './commands/plan.js'
import Revert from './commands/revert.js'

/** What oclif finds: every command by its name. */
export const COMMANDS = { apply: Apply, inspect: Inspect, plan: Plan, revert: Revert }
