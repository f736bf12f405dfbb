import { bundleCreateCommand } from './bundle-create.js'
import { bundleShowCommand } from './bundle-show.js'
import { bundleVerifyCommand } from './bundle-verify.js'
import type { Command } from './command.js'

export const bundleCommand: Command = {
  name: 'bundle',
  about: 'Create, verify or show a bundle: programs, images and packages for hosts that download nothing.',
  example: 'kubestrap bundle create -i inventory.yaml',
  run: async () => 0,
  children: [bundleCreateCommand, bundleVerifyCommand, bundleShowCommand],
}
