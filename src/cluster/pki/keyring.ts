import type { Host } from '../../host/host.js'
import { messageOf, UserError } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import { type Authorities, type Authority, bundleOf, type Signer } from '../../pki/authorities.js'
import { keyFits } from '../../pki/authority-problem.js'
import type { TrustList } from '../../pki/trust.js'
import { type AuthorityName, authorityFiles, certificatePath, keyPath } from './paths.js'

const accountFile = 'sa'

/** Who can say what is trusted of an authority, and sign with it. */
export interface Signers {
  /** The certificates by which what an authority signed is known. */
  trusted(name: AuthorityName): TrustList
  /** Them in one text, as clients and servers read it. */
  bundle(name: AuthorityName): string
  /** With its key. Throws UserError('step') when that is not there. */
  signer(name: AuthorityName): Promise<Signer>
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
   * @param planes the cluster's own authority as each control plane has it, by name; one that has none gets the owner's
   */
  constructor(
    readonly authorities: Authorities,
    readonly owner: Host,
    private readonly planes: ReadonlyMap<string, Authority> = new Map(),
  ) {}

  /** Throws (a bug) when the cluster has no such authority. */
  trusted(name: AuthorityName): TrustList {
    return this.#authority(name).trusted
  }

  bundle(name: AuthorityName): string {
    return bundleOf(this.#authority(name))
  }

  async signer(name: AuthorityName): Promise<Signer> {
    const { signer } = this.#authority(name)
    if (signer.key) return signer
    const key = await this.#key(authorityFiles[name])
    refuseUnfitKey(this.owner.name, authorityFiles[name], signer.certificate, key)
    return { ...signer, key }
  }

  /**
   * The certificate that fits ca.key on a control plane, where ca.crt there holds others beside it; undefined: ca.crt is
   * that certificate.
   */
  signingCertificate(plane: string): string | undefined {
    const { signer, trusted } = this.planes.get(plane) ?? this.authorities.kubernetes
    return trusted.length > 1 ? signer.certificate : undefined
  }

  /** Everything with its keys, for a control plane that has none of it. Throws UserError('step') when a key is not there. */
  async whole(): Promise<Authorities> {
    const { etcd, serviceAccount } = this.authorities
    const whole = async (name: AuthorityName): Promise<Authority> => ({
      signer: await this.signer(name),
      trusted: this.trusted(name),
    })
    const [kubernetes, frontProxy, etcdAuthority, key] = await Promise.all([
      whole('kubernetes'),
      whole('frontProxy'),
      etcd && whole('etcd'),
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

/**
 * Of the certificates of an authority that a host has, the one whose key lies beside them. One by itself is not compared
 * with its key, which is read only when something is signed; undefined of several none of which it fits.
 * @param key whether there is one
 */
export async function signerAmong(
  host: Host,
  file: string,
  trusted: TrustList,
  key: boolean,
): Promise<string | undefined> {
  const [only, ...more] = trusted
  if (more.length === 0) return only
  if (!key) return undefined
  const secret = await readKey(host, file)
  return trusted.find((pem) => fits(pem, secret))
}

function fits(pem: string, key: Secret): boolean {
  try {
    return keyFits(pem, key)
  } catch {
    return false
  }
}

/** Throws UserError('step') for a key that is not its certificate's: what it signs nobody would trust. */
export function refuseUnfitKey(host: string, file: string, certificate: string, key: Secret): void {
  let why: string
  try {
    if (keyFits(certificate, key)) return
    why = 'it is the key of another certificate'
  } catch (error) {
    why = messageOf(error)
  }
  throw new UserError('step', `${keyPath(file)} does not fit ${certificatePath(file)}`, {
    host,
    why: `${why}: clients would reject what it signs`,
    next: `restore the key that belongs to ${certificatePath(file)}, from a backup or another control plane; kubestrap makes no new authority in its place`,
  })
}
