import type { Phase } from '../../engine/phase.js'
import { readLedger } from '../../resources/ledger.js'
import { oncePerTurn } from '../../resources/once-per-turn.js'
import type { Context } from '../context.js'
import { isNode, type Machine } from '../machine.js'
import { filesStep } from './files-step.js'
import { forgetStep } from './forget-step.js'
import { imagesStep } from './images-step.js'
import { nodeGoneStep } from './node-gone-step.js'
import { packagesStep } from './packages-step.js'
import { stoppedStep } from './stopped-step.js'

export interface ResetOptions {
  /** Names of the machines to clear. */
  hosts: readonly string[]
  /** Also the packages kubestrap installed. */
  packages: boolean
  /** Also the images kubestrap loaded. */
  images: boolean
  /** Is told what stays behind, and why. */
  onLeft(host: string, what: string): void
}

/**
 * INPUTS: each machine's ledger.
 * OUTPUTS: machines as they were before kubestrap, apart from what was not asked for (packages, images)
 * and what somebody else put there since. The ledger goes last: a cut in between is gone on with.
 */
export function reset(options: ResetOptions): Phase<Context> {
  return {
    id: 'reset',
    title: 'Reset',
    about: 'Removes what kubestrap wrote, as the ledger of each machine has it.',
    steps: (context) => {
      const machines = context.machines.filter(({ spec }) => options.hosts.includes(spec.name))
      const stays = context.machines.some(
        ({ spec }) => spec.roles.includes('control-plane') && !options.hosts.includes(spec.name),
      )
      return machines.flatMap((machine) => [
        ...machineSteps(context, machine, options),
        // with its last control plane the cluster itself is gone, and nobody is left to ask
        ...(stays && isNode(machine) ? [nodeGoneStep(context, machine)] : []),
      ])
    },
  }
}

function machineSteps(context: Context, machine: Machine, options: ResetOptions) {
  const { host } = machine
  const ledger = oncePerTurn(() => readLedger(host))
  const stopped = stoppedStep(context, machine, ledger)
  const images = imagesStep(context, machine, ledger, [`${host.name}/${stopped.id}`])
  const files = filesStep(context, machine, ledger, options, [
    `${host.name}/${(options.images ? images : stopped).id}`,
  ])
  const packages = packagesStep(machine, ledger, [`${host.name}/${files.id}`])
  const last = options.packages ? packages : files
  return [
    stopped,
    ...(options.images ? [images] : []),
    files,
    ...(options.packages ? [packages] : []),
    forgetStep(machine, ledger, options, [`${host.name}/${last.id}`]),
  ]
}
