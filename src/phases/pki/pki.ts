import type { Phase } from '../../engine/phase.js'
import { certificateTree } from '../../pki/certificates.js'
import { type Context, controlPlanes, leaderOf } from '../context.js'
import { authoritiesStep } from './authorities-step.js'
import { certificateStep } from './certificate-step.js'

/**
 * INPUTS: what control planes and workers carry already.
 * OUTPUTS: the certificate authorities (context.authorities) and every control plane's certificates,
 * where kubeadm has them. Waits for nothing on the host: keys are made while packages install.
 */
export const pki: Phase<Context> = {
  id: 'pki',
  title: 'Certificates',
  about: 'Certificate authorities, and the certificates of each control plane.',
  steps: (context) => {
    const leader = leaderOf(context)
    const authorities = authoritiesStep(context, leader)
    const needs = [`${leader.spec.name}/${authorities.id}`]
    return [
      authorities,
      ...controlPlanes(context).flatMap((machine) =>
        certificateTree(context.spec, machine.spec, context.release).map((spec) =>
          certificateStep(context, machine, spec, needs),
        ),
      ),
    ]
  },
}
