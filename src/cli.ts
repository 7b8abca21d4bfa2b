import Apply from './commands/apply.js'
import Check from './commands/check.js'
import Dev from './commands/dev.js'
import Drift from './commands/drift.js'
import History from './commands/history.js'
import Import from './commands/import.js'
import Init from './commands/init.js'
import Inspect from './commands/inspect.js'
import New from './commands/new.js'
import Plan from './commands/plan.js'
import PlanSign from './commands/plan-sign.js'
import Purge from './commands/purge.js'
import Rebase from './commands/rebase.js'
import Reset from './commands/reset.js'
import Revert from './commands/revert.js'
import Show from './commands/show.js'
import Stamp from './commands/stamp.js'
import Status from './commands/status.js'
import Verify from './commands/verify.js'

/** What oclif finds: every command by its name. */
export const COMMANDS = {
  init: Init,
  plan: Plan,
  'plan:sign': PlanSign,
  new: New,
  verify: Verify,
  rebase: Rebase,
  apply: Apply,
  revert: Revert,
  status: Status,
  history: History,
  show: Show,
  drift: Drift,
  check: Check,
  stamp: Stamp,
  inspect: Inspect,
  import: Import,
  purge: Purge,
  dev: Dev,
  reset: Reset,
}

export { execute } from '@oclif/core/execute'
export { commandNotFound as COMMAND_NOT_FOUND } from './cli/command-not-found.js'
