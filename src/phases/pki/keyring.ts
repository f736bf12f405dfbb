import type { Host } from '../../host/host.js'
import { UserError } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import type { Authorities, Authority } from '../../pki/authorities.js'
import { type AuthorityName, authorityFiles, keyPath } from './paths.js'

/**
 * The cluster's authorities. Their keys lie on a control plane and are read only when something
 * must be signed; those made in this run are still at hand.
 */
export class Keyring {
  readonly #keys = new Map<AuthorityName, Promise<Secret>>()

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
    const key = this.#keys.get(name) ?? this.#read(name)
    this.#keys.set(name, key)
    return { ...authority, key: await key }
  }

  #authority(name: AuthorityName): Authority {
    const authority = this.authorities[name]
    if (!authority) throw new Error(`this cluster has no ${name} authority`)
    return authority
  }

  async #read(name: AuthorityName): Promise<Secret> {
    const path = keyPath(authorityFiles[name])
    const answer = await this.owner.read({ script: 'cat -- "$1"', args: [path] })
    if (answer.code !== 0)
      throw new UserError('step', `${path} cannot be read, and something must be signed with it`, {
        host: this.owner.name,
        why: answer.stderr,
        next: 'put the key back where it was; kubestrap never makes a new one for a certificate that is in use',
      })
    return new Secret(answer.stdout.toString())
  }
}
