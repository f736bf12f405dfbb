import { type Context, controlPlanes } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { volumeFileSteps } from '../steps/static-pods/volume-files.js'

/**
 * INPUTS: the operator's files that `extraVolumes` of API server, controller manager and scheduler name.
 * OUTPUTS: these files on each control plane node.
 */
export const componentFiles: Phase<Context> = {
  id: 'component-files',
  title: 'Component files',
  about: 'Files that flags of the control plane components name: an audit policy, a scheduler configuration.',
  steps: (context) =>
    controlPlanes(context).flatMap((machine) => volumeFileSteps(context.spec, machine, context.volumeFiles)),
}
