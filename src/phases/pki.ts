import { type Context, followers, leaderOf } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { type Step, stepKey } from '../engine/step.js'
import { certificateTree } from '../pki/certificates.js'
import { authoritiesStep } from '../steps/pki/authorities-step.js'
import { certificateStep } from '../steps/pki/certificate-step.js'
import { etcdClientFiles, etcdHostsPki } from '../steps/pki/etcd-pki.js'
import { planesShare, sharedAuthoritiesStep } from '../steps/pki/shared-authorities-step.js'
import { signingCertificateStep } from '../steps/pki/signing-certificate-step.js'

/**
 * INPUTS: the certificates that control plane nodes and workers have already.
 * OUTPUTS: the certificate authorities (context.authorities) and the certificates of every control plane node, at
 * the paths of kubeadm. The phase waits for nothing on the host: keys are created while packages install.
 */
export const pki: Phase<Context> = {
  id: 'pki',
  title: 'Certificates',
  about: 'Certificate authorities, and the certificates of each control plane node.',
  steps: (context) => {
    const leader = leaderOf(context)
    const authorities = authoritiesStep(context, leader)
    const etcd = context.etcdHosts ? etcdHostsPki(context, context.etcdHosts) : { steps: [], needs: [] }
    const needs = [stepKey(authorities)]
    const certificates = (machine: Machine, after: readonly string[]): Step[] => [
      ...certificateTree(context.spec, machine.spec, machine.release.wanted).map((spec) =>
        certificateStep(context, machine, spec, spec.signer === 'etcd' ? [...after, ...etcd.needs] : after),
      ),
      signingCertificateStep(context, machine, after),
      ...etcdClientFiles(context, machine, [...after, ...etcd.needs]),
    ]
    return [
      authorities,
      ...etcd.steps,
      ...certificates(leader, needs),
      ...followers(context).flatMap((machine) => {
        const shared = sharedAuthoritiesStep(machine, planesShare(context), needs)
        // the directory comes as a whole, and nothing may lie in it before
        return [shared, ...certificates(machine, [...needs, stepKey(shared)])]
      }),
    ]
  },
}
