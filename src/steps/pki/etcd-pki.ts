import type { Context } from '../../cluster/context.js'
import type { EtcdHosts } from '../../cluster/etcd/hosts.js'
import type { Machine } from '../../cluster/machine.js'
import { authorityFiles, certificatePath } from '../../cluster/pki/paths.js'
import { type Step, stepKey } from '../../engine/step.js'
import { etcdUnit } from '../../kubernetes/etcd/unit.js'
import { etcdMemberCertificates } from '../../pki/certificates.js'
import { file } from '../../resources/file.js'
import { podMark } from '../../resources/marks.js'
import { certificateStep } from './certificate-step.js'
import { etcdAuthorityStep } from './etcd-authority-step.js'
import { etcdShare, sharedAuthoritiesStep } from './shared-authorities-step.js'
import { trustFile } from './trust-file.js'

/**
 * On hosts of etcd: its authority and each member's certificates, where kubeadm's guide to external etcd has them.
 * @returns also the need of whoever wants to have something signed
 */
export function etcdHostsPki(
  context: Context,
  hosts: EtcdHosts,
): { steps: Step[]; needs: readonly string[] } {
  const [first, ...others] = hosts.order
  if (!first) return { steps: [], needs: [] }
  const authority = etcdAuthorityStep(context, hosts, first)
  const needs = [stepKey(authority)]
  const certificates = (machine: Machine, after: readonly string[]): Step[] =>
    etcdMemberCertificates(machine.spec, machine.release.wanted).map((spec) =>
      certificateStep(context, machine, spec, after, spec.readers.length > 0 ? [etcdUnit] : []),
    )
  return {
    needs,
    steps: [
      authority,
      ...certificates(first, needs),
      ...others.flatMap((machine) => {
        const shared = sharedAuthoritiesStep(machine, etcdShare(hosts), needs)
        return [shared, ...certificates(machine, [...needs, stepKey(shared)])]
      }),
    ],
  }
}

/**
 * What a control plane's API server shows an etcd that is not beside it, and knows it by, apart from the
 * certificate that we issue: the authority's certificate, or all that the operator has of it.
 */
export function etcdClientFiles(
  { spec, etcdHosts, etcdClient }: Context,
  { host }: Machine,
  needs: readonly string[],
): Step[] {
  const marks = [podMark('kube-apiserver')]
  if (etcdHosts)
    return [
      trustFile(host, {
        path: certificatePath(authorityFiles.etcd),
        title: 'etcd certificate authority',
        trusted: () => etcdHosts.authority.get().trusted('etcd'),
        marks,
        needs,
      }),
    ]
  const { external } = spec.etcd
  if (!external || !etcdClient) return []
  const { ca, cert, key } = etcdClient
  return [
    { path: external.caFile, content: ca, mode: '0644' },
    { path: external.certFile, content: cert, mode: '0644' },
    { path: external.keyFile, content: key, mode: '0600' },
  ].map((one) => file(host, { ...one, title: `${one.path} of etcd's client`, marks, needs }))
}
