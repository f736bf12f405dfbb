import type { Context } from '../../cluster/context.js'
import type { EtcdHosts } from '../../cluster/etcd/hosts.js'
import type { Machine } from '../../cluster/machine.js'
import type { Keyring } from '../../cluster/pki/keyring.js'
import { authorityFiles, etcdPkiDirectory } from '../../cluster/pki/paths.js'
import type { Step } from '../../engine/step.js'
import type { FileState, Host } from '../../host/host.js'
import { isEmptyDirectory } from '../../host/is-empty.js'
import { pkiDirectory } from '../../kubernetes/manifests/paths.js'
import { UserError } from '../../lib/errors.js'
import { bundleOf } from '../../pki/authorities.js'
import { shares, trustListOf } from '../../pki/trust.js'
import { type AuthorityFile, filesOf, placeWhole } from './authority-files.js'

export const sharedAuthoritiesId = 'shared-authorities'

/** Files of the authorities by path below their directory, as a machine has them. */
type Shared = ReadonlyMap<string, FileState>

/** What several machines have alike. */
interface Share {
  directory: `/${string}`
  /** Below it. */
  paths: readonly string[]
  /** The machine it comes from, whose own it is. */
  owner(): Host
  /** What must be the same everywhere, by path; of certificates one at least. */
  publicParts(): ReadonlyMap<string, string>
  /** With the keys. */
  files(): Promise<AuthorityFile[]>
}

/** What control planes share: one that has not made the authorities serves with them too, and signs with them when it leads. */
export function planesShare(context: Context): Share {
  const { kubernetes, frontProxy, etcd } = authorityFiles
  const bases = [kubernetes, frontProxy, ...(context.spec.etcd.external ? [] : [etcd])]
  return {
    directory: pkiDirectory,
    paths: [...bases.flatMap((base) => [`${base}.key`, `${base}.crt`]), 'sa.key', 'sa.pub'],
    owner: () => context.authorities.get().owner,
    publicParts: () => publicParts(context.authorities.get()),
    files: async () => filesOf(await context.authorities.get().whole()),
  }
}

/** What etcd hosts share: any of them can sign for one that comes later. */
export function etcdShare({ authority }: EtcdHosts): Share {
  return {
    directory: etcdPkiDirectory,
    paths: ['ca.key', 'ca.crt'],
    owner: () => authority.get().owner,
    publicParts: () => new Map([['ca.crt', authority.get().bundle('etcd')]]),
    files: async () => {
      const { key } = await authority.get().signer('etcd')
      return [
        ...(key ? [{ path: 'ca.key', content: key, mode: '0600' }] : []),
        { path: 'ca.crt', content: authority.get().bundle('etcd'), mode: '0644' },
      ]
    },
  }
}

/**
 * A machine that has not made the authorities has them too. They come from one that has them, keys over standard
 * input only. A directory with nothing in it gets all at once; what is there is never overwritten.
 */
export function sharedAuthoritiesStep(
  { host, spec }: Machine,
  share: Share,
  needs: readonly string[],
): Step<Shared> {
  const { directory, paths } = share
  return {
    id: sharedAuthoritiesId,
    title: 'certificate authorities',
    target: host.name,
    needs,
    probe: async () => {
      const states = await Promise.all(
        paths.map((path) => host.stat(`${directory}/${path}`, { content: !path.endsWith('.key') })),
      )
      return new Map(paths.map((path, i) => [path, states[i] ?? { kind: 'absent' }]))
    },
    diff: (shared) => {
      const owner = share.owner()
      // those of the machine they come from are its own
      if (owner === host) return []
      refuseOthers(spec.name, shared, share)
      const missing = missingOf(shared)
      return missing.length === 0
        ? []
        : [{ kind: 'create', summary: `copy ${missing.join(', ')} from ${owner.name} to ${directory}` }]
    },
    apply: async () => {
      const files = await share.files()
      const [empty, states] = await Promise.all([
        isEmptyDirectory(host, directory),
        Promise.all(files.map(({ path }) => host.stat(`${directory}/${path}`))),
      ])
      if (empty) return placeWhole(host, files, directory)
      const missing = files.filter((_, i) => states[i]?.kind === 'absent')
      await Promise.all(
        missing.map((file) => host.write({ ...file, path: `${directory}/${file.path}`, ledger: directory })),
      )
    },
  }
}

/** Which of them are not there. Pure. */
export function missingOf(shared: Shared): string[] {
  return [...shared].filter(([, { kind }]) => kind === 'absent').map(([path]) => path)
}

function publicParts({ authorities }: Keyring): ReadonlyMap<string, string> {
  const { kubernetes, frontProxy, etcd, serviceAccount } = authorities
  return new Map([
    [`${authorityFiles.kubernetes}.crt`, bundleOf(kubernetes)],
    [`${authorityFiles.frontProxy}.crt`, bundleOf(frontProxy)],
    ...(etcd ? ([[`${authorityFiles.etcd}.crt`, bundleOf(etcd)]] as const) : []),
    ['sa.pub', serviceAccount.publicKey],
  ])
}

/** What one machine signs every other must know. */
function refuseOthers(name: string, shared: Shared, { directory, publicParts: ours }: Share): void {
  for (const [path, text] of ours()) {
    const state = shared.get(path)
    if (state?.kind === 'file' && !isAlike(path, state.content?.toString() ?? '', text))
      throw new UserError('step', `${directory}/${path} differs from the file on the other hosts`, {
        host: name,
        next: `find out which one is the cluster's, and move ${directory} away on the host that has the wrong one`,
      })
  }
}

/** Certificates that are more or fewer are those of a CA that is being rotated. */
function isAlike(path: string, own: string, ours: string): boolean {
  if (own.trim() === ours.trim()) return true
  try {
    return path.endsWith('.crt') && shares(trustListOf(own), trustListOf(ours))
  } catch {
    return false
  }
}
