import { backendsOf, haproxyConfigFile } from '../../balancers/haproxy/steps.js'
import { type AuthorityName, authorityFiles, certificatePath } from '../../cluster/pki/paths.js'
import { readFacts } from '../../host/facts/read-facts.js'
import type { Host } from '../../host/host.js'
import { certificateFingerprint } from '../../pki/fingerprint.js'
import { parseKubeletKubeconfig } from '../../pki/parse-kubeconfig.js'
import { certificatesOf } from '../../pki/pem.js'
import { type LedgerEntry, readLedger } from '../../resources/ledger.js'
import { kubeletConf } from '../kubelet/kubelet-credentials.js'

/** By which authorities a host tells whose it is. */
export type Authorities = Readonly<Record<Told, readonly string[]>>
type Told = Extract<AuthorityName, 'kubernetes' | 'etcd'>

/** What a host that the inventory does not have tells of itself. */
export interface OutsiderSeen {
  /** Addresses of its interfaces. */
  addresses: readonly string[]
  ledger: readonly LedgerEntry[]
  authorities: Authorities
  /** Addresses of the API servers that a load balancer of kubestrap's on it knows. */
  backends: readonly string[]
}

/** Looks at a host, as root; nothing is changed on it. Throws UserError('connection') where it cannot be asked. */
export async function lookAtOutsider(host: Host): Promise<OutsiderSeen> {
  const [facts, ledger, authorities, haproxy] = await Promise.all([
    readFacts(host, Date.now, []),
    readLedger(host),
    authoritiesOn(host),
    textOf(host, haproxyConfigFile),
  ])
  return { addresses: facts.addresses, ledger, authorities, backends: backendsOf(haproxy) }
}

/** SHA-256 of the certificate authorities that lie on a host: the cluster's, of the kubelet's file where there is no other, and etcd's. */
export async function authoritiesOn(host: Host): Promise<Authorities> {
  const [kubernetes, etcd, kubelet] = await Promise.all([
    textOf(host, certificatePath(authorityFiles.kubernetes)),
    textOf(host, certificatePath(authorityFiles.etcd)),
    textOf(host, kubeletConf),
  ])
  return {
    kubernetes:
      kubernetes === ''
        ? fingerprints(() => parseKubeletKubeconfig(kubelet).ca, kubelet)
        : fingerprints(() => kubernetes, kubernetes),
    etcd: fingerprints(() => etcd, etcd),
  }
}

/** A file that cannot be understood is an authority that nobody knows. */
function fingerprints(read: () => string, text: string): string[] {
  if (text === '') return []
  try {
    return certificatesOf(read(), 'it').all.map((one) => certificateFingerprint(one.toString()))
  } catch {
    return ['not a certificate']
  }
}

async function textOf(host: Host, path: string): Promise<string> {
  const state = await host.stat(path, { content: true })
  return state.kind === 'file' ? (state.content?.toString() ?? '') : ''
}
