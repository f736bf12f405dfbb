import { bundleCommand } from './bundle.js'
import type { Command } from './command.js'
import { drainCommand, uncordonCommand } from './drain.js'
import { execCommand } from './exec.js'
import { explainCommand } from './explain.js'
import { initCommand } from './init.js'
import { inventoryCommand } from './inventory-command.js'
import { joinCommand } from './join.js'
import { kubeconfigCommand } from './kubeconfig.js'
import { labCommand } from './lab.js'
import { newCommand } from './new/new.js'
import { phaseCommand } from './phase.js'
import { planCommand } from './plan.js'
import { preflightCommand } from './preflight.js'
import { removeCommand } from './remove.js'
import { resetCommand } from './reset.js'
import { rolloutCommand } from './rollout/rollout.js'
import { statusCommand } from './status.js'
import { supportBundleCommand } from './support-bundle.js'
import { tokenCommand } from './token.js'
import { upCommand } from './up.js'
import { upgradeCommand } from './upgrade/upgrade.js'
import { verifyCommand } from './verify.js'

/** In the order help shows them. */
export const commands: readonly Command[] = [
  newCommand,
  upCommand,
  initCommand,
  joinCommand,
  planCommand,
  upgradeCommand,
  preflightCommand,
  verifyCommand,
  statusCommand,
  explainCommand,
  supportBundleCommand,
  kubeconfigCommand,
  tokenCommand,
  execCommand,
  drainCommand,
  uncordonCommand,
  rolloutCommand,
  removeCommand,
  resetCommand,
  inventoryCommand,
  bundleCommand,
  phaseCommand,
  labCommand,
]
