import type { Command } from '../command.js'
import { upgradePlanCommand } from './plan.js'

export const upgradeCommand: Command = {
  name: 'upgrade',
  about: 'Plan the upgrade of a cluster to another version of Kubernetes; up makes it.',
  example: 'kubestrap upgrade plan -i inventory.yaml',
  run: async () => 0,
  children: [upgradePlanCommand],
}
