import { type AuthorityName, authorityFiles } from '../../cluster/pki/paths.js'
import type { Host } from '../../host/host.js'
import { pkiDirectory } from '../../kubernetes/manifests/paths.js'
import type { Secret } from '../../lib/secret.js'
import { type Authorities, bundleOf } from '../../pki/authorities.js'

/** A file of the authorities, below the PKI directory. */
export interface AuthorityFile {
  path: string
  content: string | Secret
  mode: string
}

const names = Object.keys(authorityFiles).filter((name): name is AuthorityName => name in authorityFiles)

/** Keys before what is public. Modes as kubeadm has them. */
export function filesOf(made: Authorities): AuthorityFile[] {
  const pairs = names.flatMap((name) => {
    const authority = made[name]
    if (!authority?.signer.key) return []
    const file = authorityFiles[name]
    return [
      { path: `${file}.key`, content: authority.signer.key, mode: '0600' },
      { path: `${file}.crt`, content: bundleOf(authority), mode: '0644' },
    ]
  })
  const { key, publicKey } = made.serviceAccount
  return [
    ...pairs,
    ...(key ? [{ path: 'sa.key', content: key, mode: '0600' }] : []),
    { path: 'sa.pub', content: publicKey, mode: '0600' },
  ]
}

/**
 * Makes a directory, which must be empty or absent, of these files: staged beside it and renamed once, all or
 * nothing. Default: the PKI directory.
 */
export async function placeWhole(
  host: Host,
  files: readonly AuthorityFile[],
  directory: string = pkiDirectory,
): Promise<void> {
  const staged = `${directory.slice(0, directory.lastIndexOf('/'))}/.${directory.slice(directory.lastIndexOf('/') + 1)}.kubestrap`
  await host.mutate({
    what: `empty ${staged}`,
    script: 'rm -rf -- "$1"',
    args: [staged],
    timeoutMs: 10_000,
    ledger: [`tree ${staged}`, `tree ${directory}`],
  })
  await Promise.all(
    files.map((file) => host.write({ ...file, path: `${staged}/${file.path}`, ledger: 'none' })),
  )
  await host.mutate({
    what: `create ${directory} from ${staged}`,
    script: '[ ! -d "$2" ] || rmdir -- "$2" && mv -T -- "$1" "$2" && sync -- "$2"',
    args: [staged, directory],
    timeoutMs: 10_000,
  })
}
