import type { Host } from '../../host/host.js'
import { UserError } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import type { Authorities, Authority } from '../../pki/authorities.js'
import { keyFits } from '../../pki/authority-problem.js'
import { type AuthorityName, authorityFiles, certificatePath, keyPath } from './paths.js'

const accountFile = 'sa'

/** Who can say an authority's certificate, and sign with it. */
export interface Signers {
  /** PEM of an authority's certificate. */
  certificate(name: AuthorityName): string
  /** An authority that can sign. Throws UserError('step') when its key is not there. */
  signer(name: AuthorityName): Promise<Authority>
}

/**
 * The cluster's authorities. Their keys lie on a control plane and are read only when something
 * must be signed; those made in this run are still at hand.
 */
export class Keyring implements Signers {
  /** By base file: "ca", "sa". */
  readonly #keys = new Map<string, Promise<Secret>>()

  /**
   * @param authorities certificates, with keys when they were made in this run
   * @param owner the control plane that has the keys
   */
  constructor(
    readonly authorities: Authorities,
    readonly owner: Host,
  ) {}

  /** PEM of an authority's certificate. Throws (a bug) when the cluster has no such authority. */
  certificate(name: AuthorityName): string {
    return this.#authority(name).certificate
  }

  /** An authority that can sign. Throws UserError('step') when its key is not there. */
  async signer(name: AuthorityName): Promise<Authority> {
    const authority = this.#authority(name)
    if (authority.key) return authority
    const key = await this.#key(authorityFiles[name])
    refuseUnfitKey(this.owner.name, authorityFiles[name], authority.certificate, key)
    return { ...authority, key }
  }

  /** Everything with its keys, for a control plane that has none of it. Throws UserError('step') when a key is not there. */
  async whole(): Promise<Authorities> {
    const { etcd, serviceAccount } = this.authorities
    const [kubernetes, frontProxy, etcdAuthority, key] = await Promise.all([
      this.signer('kubernetes'),
      this.signer('frontProxy'),
      etcd && this.signer('etcd'),
      serviceAccount.key ?? this.#key(accountFile),
    ])
    return {
      kubernetes,
      frontProxy,
      ...(etcdAuthority ? { etcd: etcdAuthority } : {}),
      serviceAccount: { ...serviceAccount, key },
    }
  }

  #authority(name: AuthorityName): Authority {
    const authority = this.authorities[name]
    if (!authority) throw new Error(`this cluster has no ${name} CA`)
    return authority
  }

  #key(file: string): Promise<Secret> {
    const key = this.#keys.get(file) ?? readKey(this.owner, file)
    this.#keys.set(file, key)
    return key
  }
}

/** An authority's key from the machine that has it. Throws UserError('step') when it is not there. */
export async function readKey(owner: Host, file: string): Promise<Secret> {
  const path = keyPath(file)
  const answer = await owner.read({ script: 'cat -- "$1"', args: [path] })
  if (answer.code !== 0)
    throw new UserError(
      'step',
      `${path} cannot be read, and is required to sign certificates, or to compare with another host`,
      {
        host: owner.name,
        why: answer.stderr,
        next: 'restore the key; kubestrap never creates a new key for a certificate that is in use',
      },
    )
  return new Secret(answer.stdout.toString())
}

/** Throws UserError('step') for a key that is not its certificate's: what it signs nobody would trust. */
export function refuseUnfitKey(host: string, file: string, certificate: string, key: Secret): void {
  let why: string
  try {
    if (keyFits(certificate, key)) return
    why = 'it is the key of another certificate'
  } catch (error) {
    why = error instanceof Error ? error.message : String(error)
  }
  throw new UserError('step', `${keyPath(file)} does not fit ${certificatePath(file)}`, {
    host,
    why: `${why}: clients would reject what it signs`,
    next: `restore the key that belongs to ${certificatePath(file)}, from a backup or another control plane; kubestrap makes no new authority in its place`,
  })
}
