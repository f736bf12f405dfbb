import { clusterRelease } from '../../cluster/cluster-release.js'
import { type Context, controlPlanes } from '../../cluster/context.js'
import type { EtcdHosts } from '../../cluster/etcd/hosts.js'
import type { Machine } from '../../cluster/machine.js'
import { EtcdKeyring } from '../../cluster/pki/etcd-keyring.js'
import { signerAmong } from '../../cluster/pki/keyring.js'
import { authorityFiles, certificatePath, etcdPkiDirectory, keyPath } from '../../cluster/pki/paths.js'
import type { Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { beginningMark } from '../../kubernetes/etcd/unit.js'
import { UserError } from '../../lib/errors.js'
import { bundleOf, createAuthority } from '../../pki/authorities.js'
import { joinedTrust, type TrustList, trustListOf, trustsAll } from '../../pki/trust.js'
import { placeWhole } from './authority-files.js'
import { refuseStrangers, refuseUnfit } from './authority-guards.js'

const path = certificatePath(authorityFiles.etcd)
const apiServerManifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'

interface Carried {
  name: string
  machine: Machine
  /** [] when there is none. */
  trusted: TrustList
  /** The one of them that signs there; undefined where several are and no key beside them tells. */
  signer: string | undefined
  key: boolean
  /** It holds a member's data. */
  data: boolean
  /** A run has begun to found the cluster here. */
  begun: boolean
}

interface Seen {
  hosts: readonly Carried[]
  /** A control plane that trusts an authority of etcd. */
  trusting: string | undefined
  /** A control plane with an API server, which is given one only when etcd answers. */
  serving: string | undefined
}

/**
 * The authority of an etcd on hosts of its own: as sacred as the cluster's. It is used when an etcd host has it, and
 * made only when every one was asked, none has any part of it or data, and no control plane trusts one. Its key
 * is on etcd hosts only, and on each: the loss of one must not be the loss of what signs its successor.
 */
export function etcdAuthorityStep(
  context: Context,
  { order, authority }: EtcdHosts,
  first: Machine,
): Step<Seen> {
  return {
    id: 'etcd-authority',
    title: 'etcd certificate authority',
    target: first.spec.name,
    needs: [],
    guards: true,
    probe: async () => {
      const planes = controlPlanes(context)
      const [hosts, trusted, served] = await Promise.all([
        Promise.all(order.map((machine) => look(machine, context.spec.etcd.dataDir))),
        Promise.all(planes.map(({ host }) => host.stat(path))),
        Promise.all(planes.map(({ host }) => host.stat(apiServerManifest))),
      ])
      const trusting = planes.find((_, i) => trusted[i]?.kind === 'file')
      const serving = planes.find((_, i) => served[i]?.kind === 'file')
      return { hosts, trusting: trusting?.spec.name, serving: serving?.spec.name }
    },
    diff: (seen) => {
      const owner = ownerOf(seen)
      if (!owner) return [{ kind: 'create', summary: `create ${authorityFiles.etcd}` }]
      refuseUnfit(owner.name, path, owner, context.now())
      refuseEmpty(seen, context.spec.etcd.dataDir)
      return []
    },
    learn: (seen, changes) => {
      const owner = changes.length === 0 ? ownerOf(seen) : undefined
      if (!owner) return
      const trusted = joinedTrust(
        owner.trusted,
        seen.hosts.map((one) => one.trusted),
      )
      const signer = { certificate: owner.signer ?? trusted[0] ?? '' }
      authority.set(new EtcdKeyring({ signer, trusted }, owner.machine.host))
    },
    apply: async () => {
      const made = await createAuthority('etcd-ca', {
        dnsName: clusterRelease(context).certificates.authorityDnsName,
        now: context.now(),
        random: context.random,
      })
      const files = [
        ...(made.signer.key ? [{ path: 'ca.key', content: made.signer.key, mode: '0600' }] : []),
        { path: 'ca.crt', content: bundleOf(made), mode: '0644' },
      ]
      await placeWhole(first.host, files, etcdPkiDirectory)
    },
  }
}

async function look(machine: Machine, dataDir: string): Promise<Carried> {
  const { host, spec } = machine
  const [certificate, key, data, begun] = await Promise.all([
    host.stat(path, { content: true }),
    host.stat(keyPath(authorityFiles.etcd)),
    host.stat(`${dataDir}/member`),
    host.stat(beginningMark),
  ])
  const text = textOf(certificate)
  const trusted = text === undefined ? [] : trustListOf(text)
  return {
    name: spec.name,
    machine,
    trusted,
    signer: await signerAmong(host, authorityFiles.etcd, trusted, key.kind !== 'absent'),
    key: key.kind !== 'absent',
    data: data.kind !== 'absent',
    begun: begun.kind !== 'absent',
  }
}

/** Its data may lie on a disk that is not mounted: an empty etcd would make an empty cluster of the living one. */
function refuseEmpty({ hosts, serving }: Seen, dataDir: string): void {
  if (serving === undefined || hosts.some(({ data, begun }) => data || begun)) return
  throw new UserError(
    'step',
    `no etcd host has data in ${dataDir}, but an API server of the cluster runs on ${serving}`,
    {
      host: serving,
      why: 'a new etcd would be empty, and everything in the cluster would be lost',
      next: 'check whether the disk is mounted; else restore etcd from a backup; or, to give up the cluster, reset all its hosts',
    },
  )
}

const textOf = (state: FileState): string | undefined =>
  state.kind === 'file' ? state.content?.toString() : undefined

/** The host whose authority is the cluster's; undefined when there is none yet. Throws when that cannot be said. */
function ownerOf({ hosts, trusting }: Seen): Carried | undefined {
  const carriers = hosts.filter(({ trusted }) => trusted.length > 0)
  const [first] = carriers
  refuseStrangers(
    carriers.map(({ name, trusted, key }) => ({ host: name, trusted, key })),
    path,
    'etcd cluster',
  )
  const withKey = carriers.filter(({ key }) => key)
  // while the CA is rotated hosts may have different keys: whoever signs must be known to all of them
  const known = withKey.find(
    ({ signer }) => signer !== undefined && carriers.every(({ trusted }) => trustsAll(trusted, [signer])),
  )
  if (withKey.length > 0 && !known)
    throw new UserError('step', 'no etcd host signs with a CA that all of them trust', {
      host: withKey[0]?.name ?? '',
      why: `the certificate that fits ${keyPath(authorityFiles.etcd)} is not in ${path} on each of ${carriers.map(({ name }) => name).join(', ')}`,
      next: `add it to ${path} on each etcd host`,
    })
  const owner = known ?? first
  if (owner) return owner
  const orphan = hosts.find(({ key }) => key)
  if (orphan)
    throw new UserError('step', `${keyPath(authorityFiles.etcd)} exists, but ${path} does not`, {
      host: orphan.name,
      next: `restore ${path} from a backup; kubestrap creates no new CA beside a key that may be in use`,
    })
  const holder = hosts.find(({ data }) => data)
  if (holder)
    throw new UserError('step', "an etcd host holds a member's data, but no etcd host has its CA", {
      host: holder.name,
      next: `restore ${etcdPkiDirectory} from a backup; or, if that cluster is gone, kubestrap reset ${holder.name}`,
    })
  if (trusting !== undefined)
    throw new UserError('step', `${trusting} trusts an etcd CA that no etcd host has`, {
      host: trusting,
      why: `the host has ${path}: a new etcd would be empty, and its cluster would be lost`,
      next: 'restore etcd and its CA from a backup; or, to give up the cluster, reset all its hosts',
    })
  return undefined
}
