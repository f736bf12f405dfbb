import { clusterRelease } from '../../cluster/cluster-release.js'
import type { Context } from '../../cluster/context.js'
import { isControlPlane, isEtcdHost, isJoiningWorker, isNode, type Machine } from '../../cluster/machine.js'
import { Keyring, signerAmong } from '../../cluster/pki/keyring.js'
import { type AuthorityName, authorityFiles, certificatePath, keyPath } from '../../cluster/pki/paths.js'
import type { Change, Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { isEmptyDirectory } from '../../host/is-empty.js'
import { hostsWithRole } from '../../inventory/select.js'
import { pkiDirectory } from '../../kubernetes/manifests/paths.js'
import { UserError } from '../../lib/errors.js'
import { type Authorities, type Authority, createAuthorities } from '../../pki/authorities.js'
import { joinedTrust, shares, type TrustList, trustListOf, trustsAll } from '../../pki/trust.js'
import { filesOf, placeWhole } from './authority-files.js'
import { refuseStrangers, refuseUnfit } from './authority-guards.js'

/** An authority as one machine has it. */
interface Own {
  /** In the order of its file. */
  trusted: TrustList
  /** The one of them that signs there; undefined where several are and no key beside them tells. */
  signer: string | undefined
}

/** What one machine carries of a cluster's authorities. */
interface Carried {
  machine: Machine
  /** Only those that are there. */
  authorities: Partial<Record<AuthorityName, Own>>
  serviceAccount: string | undefined
  /** Base files whose private key is there: "ca", "sa". */
  keys: ReadonlySet<string>
  /** A worker that has been joined to some cluster. */
  joined: boolean
  /** Something lies in the PKI directory. */
  occupied: boolean
  /** Directory with an etcd member's data; undefined when there is none. */
  etcdData: string | undefined
}

const names = ['kubernetes', 'frontProxy', 'etcd'] as const

/**
 * The authorities are sacred: used when a control plane has them, created only when every control
 * plane was asked and none has any and no worker belongs to a cluster. New ones are staged as a
 * whole directory and renamed once; a cut leaves all or nothing.
 */
export function authoritiesStep(context: Context, first: Machine): Step<readonly Carried[]> {
  const wanted = names.filter((name) => name !== 'etcd' || !context.spec.etcd.external)
  return {
    id: 'authorities',
    title: 'certificate authorities',
    target: first.spec.name,
    needs: [],
    guards: true,
    probe: () => Promise.all(context.machines.filter(mayCarry).map((m) => look(m, context))),
    diff: (all): Change[] => {
      const owner = ownerOf(all, wanted)
      if (!owner || !isWhole(owner, wanted)) refuseBlind(context)
      if (!owner)
        return [{ kind: 'create', summary: 'create the certificate authorities and the service account key' }]
      for (const { machine, authorities } of [owner, ...planesWith(all)])
        for (const name of names)
          if (authorities[name])
            refuseUnfit(
              machine.spec.name,
              certificatePath(authorityFiles[name]),
              authorities[name],
              context.now(),
            )
      const missing = wanted.filter((name) => !owner.authorities[name])
      if (missing.length > 0 || !owner.serviceAccount) refuseWithoutKey(owner)
      refuseOrphans(owner, [
        ...missing.map((name) => authorityFiles[name]),
        ...(owner.serviceAccount ? [] : ['sa']),
      ])
      if (missing.length > 0 || !owner.serviceAccount)
        return [
          {
            kind: 'create',
            summary: `create ${[...missing.map((name) => authorityFiles[name]), ...(owner.serviceAccount ? [] : ['sa'])].join(', ')}`,
          },
        ]
      return []
    },
    learn: (all, changes) => {
      const owner = changes.length === 0 ? ownerOf(all, wanted) : undefined
      if (!owner) return
      const planes = planesWith(all)
      const own = planes.flatMap(({ machine, authorities: { kubernetes } }) =>
        kubernetes ? [[machine.spec.name, authorityOf(kubernetes, [])] as const] : [],
      )
      const authorities = authoritiesOf(owner, planes, wanted)
      context.authorities.set(new Keyring(authorities, owner.machine.host, new Map(own)))
    },
    apply: async () => {
      const all = await Promise.all(context.machines.filter(mayCarry).map((m) => look(m, context)))
      const owner = ownerOf(all, wanted)
      const made = await createAuthorities({
        etcd: wanted.includes('etcd'),
        dnsName: clusterRelease(context).certificates.authorityDnsName,
        now: context.now(),
        random: context.random,
      })
      if (owner) await complete(owner, made)
      else await placeWhole(first.host, filesOf(made))
    },
  }
}

/** Whoever has a part of a cluster: its authorities, its nodes' or its data. */
const mayCarry = (machine: Machine): boolean => isNode(machine) || isEtcdHost(machine)

async function look(machine: Machine, { spec: { etcd } }: Context): Promise<Carried> {
  const { host } = machine
  const bases = [...names.map((name) => authorityFiles[name]), 'sa']
  // all in one: when the host is lost, a question awaited later would be a rejection nobody handles
  const [empty, sa, kubelet, member, keys, certificates] = await Promise.all([
    isEmptyDirectory(host, pkiDirectory),
    host.stat(`${pkiDirectory}/sa.pub`, { content: true }),
    host.stat('/etc/kubernetes/kubelet.conf'),
    host.stat(`${etcd.dataDir}/member`),
    Promise.all(bases.map((base) => host.stat(keyPath(base)))),
    Promise.all(names.map((name) => host.stat(certificatePath(authorityFiles[name]), { content: true }))),
  ])
  const present = new Set(keys.flatMap((state, i) => (state.kind === 'absent' ? [] : (bases[i] ?? []))))
  const own = await Promise.all(
    names.map(async (name, i): Promise<[AuthorityName, Own][]> => {
      const text = textOf(certificates[i])
      if (text === undefined) return []
      const [file, trusted] = [authorityFiles[name], trustListOf(text)]
      return [[name, { trusted, signer: await signerAmong(host, file, trusted, present.has(file)) }]]
    }),
  )
  return {
    machine,
    authorities: Object.fromEntries(own.flat()),
    serviceAccount: textOf(sa),
    keys: present,
    joined: kubelet.kind !== 'absent',
    occupied: !empty,
    etcdData: !isJoiningWorker(machine) && member.kind !== 'absent' ? etcd.dataDir : undefined,
  }
}

function textOf(state: FileState | undefined): string | undefined {
  return state?.kind === 'file' ? state.content?.toString() : undefined
}

/** What a host that is away may have is never made a second time. Throws UserError('step'). */
function refuseBlind({ spec, away }: Context): void {
  const unseen = hostsWithRole(spec, 'control-plane').filter(({ name }) => away.has(name))
  if (unseen.length === 0) return
  const names = unseen.map(({ name }) => name).join(', ')
  throw new UserError(
    'step',
    `certificate authorities are created only when every control plane node is seen`,
    {
      host: names,
      why: `${names} cannot be reached, and may have what the others lack in ${pkiDirectory}`,
      next: `bring back ${names}, or restore ${pkiDirectory} on a control plane node from a backup`,
    },
  )
}

/** A cluster's authorities are completed where its key is; a machine with the certificate alone is a worker's, or a remnant. */
function refuseWithoutKey({ machine, keys }: Carried): void {
  if (keys.has(authorityFiles.kubernetes)) return
  throw new UserError(
    'step',
    `${certificatePath('ca')} exists without its key, and other files are missing`,
    {
      host: machine.spec.name,
      why: 'a worker node looks like this; the control plane of its cluster may be another machine',
      next: `give the role control-plane to the host that has ${keyPath('ca')}, or restore ${pkiDirectory} from a backup`,
    },
  )
}

/** A key whose public part is lost is still in use: nothing is made in its place. */
function refuseOrphans(owner: Carried, missing: readonly string[]): void {
  const orphan = missing.find((base) => owner.keys.has(base))
  if (orphan === undefined) return
  const lost = orphan === 'sa' ? `${pkiDirectory}/sa.pub` : certificatePath(orphan)
  throw new UserError('step', `${keyPath(orphan)} exists, but ${lost} does not`, {
    host: owner.machine.spec.name,
    next:
      orphan === 'sa'
        ? `create it from the key: openssl rsa -in ${keyPath(orphan)} -pubout -out ${lost}`
        : `restore ${lost} from a backup; kubestrap creates no new CA beside a key that may be in use`,
  })
}

/** The control plane whose authorities are the cluster's; undefined when there is no cluster yet. Throws when that cannot be said. */
function ownerOf(all: readonly Carried[], wanted: readonly AuthorityName[]): Carried | undefined {
  const carriers = all.filter(({ authorities }) => authorities.kubernetes !== undefined)
  refuseStrangers(
    carriers.map(({ machine, authorities, keys }) => ({
      host: machine.spec.name,
      trusted: authorities.kubernetes?.trusted ?? [],
      key: keys.has(authorityFiles.kubernetes),
    })),
    certificatePath(authorityFiles.kubernetes),
    'cluster',
  )
  // all of them have the same; one whose directory was completed by hand, or in part, must not lead astray
  const owners = planesWith(all)
  const whole = owners.filter((one) => isWhole(one, wanted))
  const owner = whole.length > 0 ? trustedByAll(whole, owners, wanted) : owners[0]
  if (owner) {
    refuseSecond(owner, all, wanted)
    return owner
  }
  const member = all.find((one) => one.joined || one.authorities.kubernetes !== undefined)
  if (member)
    throw new UserError(
      'step',
      `${member.machine.spec.name} is a node of a cluster, but no control plane node in the inventory has the CA of that cluster`,
      {
        host: member.machine.spec.name,
        why: `the host has ${member.joined ? '/etc/kubernetes/kubelet.conf' : certificatePath('ca')}; no control plane node has ${certificatePath('ca')}`,
        next: `restore ${pkiDirectory} on a control plane node from a backup; or, if that cluster is gone, empty /etc/kubernetes and /var/lib/kubelet on ${member.machine.spec.name}`,
      },
    )
  const occupied = all.find((one) => one.occupied && isControlPlane(one.machine))
  if (occupied)
    throw new UserError('step', `${pkiDirectory} is not empty, but has no ca.crt`, {
      host: occupied.machine.spec.name,
      next: `restore ${certificatePath('ca')} and ${keyPath('ca')}, or move the directory away`,
    })
  const orphan = all.find(({ etcdData }) => etcdData !== undefined)
  if (orphan)
    throw new UserError(
      'step',
      `${orphan.etcdData} holds the data of a cluster, but no control plane node has its CA`,
      {
        host: orphan.machine.spec.name,
        next: `restore ${pkiDirectory} from a backup; or, if that cluster is gone, move ${orphan.etcdData}/member away`,
      },
    )
  return undefined
}

/** The control planes that have the cluster's own authority, in part at least. */
const planesWith = (all: readonly Carried[]): readonly Carried[] =>
  all.filter(({ machine, authorities }) => isControlPlane(machine) && authorities.kubernetes !== undefined)

/**
 * While a CA is rotated control planes may have different keys: whoever signs must be known to all of them. Throws
 * UserError('step') where nobody is.
 */
function trustedByAll(
  whole: readonly Carried[],
  planes: readonly Carried[],
  wanted: readonly AuthorityName[],
): Carried {
  /** An authority, a plane that signs with it and one that does not know the signer. */
  const unknownTo = (one: Carried): { name: AuthorityName; by: Carried } | undefined => {
    for (const name of wanted) {
      const { trusted, signer } = one.authorities[name] ?? nothing
      // one of another authority altogether is refused where it would get this one (sharedAuthoritiesStep)
      const by = planes.find(({ authorities: { [name]: own } }) => {
        if (own === undefined || (name !== 'kubernetes' && !shares(own.trusted, trusted))) return false
        return signer === undefined || !trustsAll(own.trusted, [signer])
      })
      if (by) return { name, by }
    }
    return undefined
  }
  const found = whole.find((one) => unknownTo(one) === undefined)
  if (found) return found
  const why = whole.flatMap((one) => {
    const { name = 'kubernetes' as const, by } = unknownTo(one) ?? {}
    const [file, key] = [certificatePath(authorityFiles[name]), keyPath(authorityFiles[name])]
    return one.authorities[name]?.signer === undefined
      ? [`${one.machine.spec.name}: ${key} fits no certificate in ${file}`]
      : [
          `${by?.machine.spec.name}: ${file} does not have the certificate of ${key} on ${one.machine.spec.name}`,
        ]
  })
  throw new UserError('step', 'no control plane node signs with a CA that all of them trust', {
    host: whole[0]?.machine.spec.name ?? '',
    why: why.join('\n'),
    next: 'add the certificate that is missing to that file, on each host ("Manual Rotation of CA Certificates" in the Kubernetes documentation)',
  })
}

/** It has the keys, and what is public of them. */
function isWhole({ authorities, serviceAccount, keys }: Carried, wanted: readonly AuthorityName[]): boolean {
  const bases = [...wanted.map((name) => authorityFiles[name]), 'sa']
  return (
    wanted.every((name) => authorities[name] !== undefined) &&
    serviceAccount !== undefined &&
    bases.every((base) => keys.has(base))
  )
}

/** What the owner lacks is made anew; not where another control plane has it, and the cluster lives by that. */
function refuseSecond(owner: Carried, all: readonly Carried[], wanted: readonly AuthorityName[]): void {
  for (const name of wanted.filter((one) => owner.authorities[one] === undefined)) {
    const other = all.find((one) => isControlPlane(one.machine) && one.authorities[name] !== undefined)
    if (!other) continue
    const file = certificatePath(authorityFiles[name])
    throw new UserError(
      'step',
      `no control plane node has all CAs: ${file} is only on ${other.machine.spec.name}`,
      {
        host: owner.machine.spec.name,
        next: `copy ${file} and its key from ${other.machine.spec.name} to ${owner.machine.spec.name}, or the missing files from ${owner.machine.spec.name} to it`,
      },
    )
  }
}

/** The first one's signer, and what those trust that have the same authority. */
function authorityOf(own: Own, others: readonly Own[]): Authority {
  const trusted = joinedTrust(
    own.trusted,
    others.map((one) => one.trusted),
  )
  return { signer: { certificate: own.signer ?? trusted[0] ?? '' }, trusted }
}

/** What the owner does not have. */
const nothing: Own = { trusted: [], signer: undefined }

/** Those that are wanted of it: of an etcd on hosts of its own a control plane has the certificate alone. */
function authoritiesOf(
  { authorities, serviceAccount }: Carried,
  planes: readonly Carried[],
  wanted: readonly AuthorityName[],
): Authorities {
  const of = (name: AuthorityName): Authority =>
    authorityOf(
      authorities[name] ?? nothing,
      planes.flatMap((one) => one.authorities[name] ?? []),
    )
  return {
    kubernetes: of('kubernetes'),
    frontProxy: of('frontProxy'),
    ...(authorities.etcd && wanted.includes('etcd') ? { etcd: of('etcd') } : {}),
    serviceAccount: { publicKey: serviceAccount ?? '' },
  }
}

/** Adds what an owner lacks; a certificate comes after its key, because the certificate says "done". */
async function complete(owner: Carried, made: Authorities): Promise<void> {
  const missing = new Set([
    ...names.filter((name) => !owner.authorities[name]).map((name) => authorityFiles[name]),
    ...(owner.serviceAccount ? [] : ['sa']),
  ])
  const files = filesOf(made).filter(({ path }) => missing.has(path.replace(/\.(crt|key|pub)$/, '')))
  await Promise.all(
    files.map((file) =>
      owner.machine.host.write({ ...file, path: `${pkiDirectory}/${file.path}`, ledger: pkiDirectory }),
    ),
  )
}
