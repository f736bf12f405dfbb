import type { Host } from '../../host/host.js'
import type { Secret } from '../../lib/secret.js'
import { type Authority, bundleOf, type Signer } from '../../pki/authorities.js'
import type { TrustList } from '../../pki/trust.js'
import { readKey, refuseUnfitKey, type Signers } from './keyring.js'
import { type AuthorityName, authorityFiles } from './paths.js'

/** The authority of an etcd on hosts of its own. Its key is on those, and is read only when something must be signed. */
export class EtcdKeyring implements Signers {
  #key: Promise<Secret> | undefined

  /**
   * @param authority with its key when it was made in this run
   * @param owner the etcd host that has the key
   */
  constructor(
    readonly authority: Authority,
    readonly owner: Host,
  ) {}

  trusted(name: AuthorityName): TrustList {
    return this.#only(name).trusted
  }

  bundle(name: AuthorityName): string {
    return bundleOf(this.#only(name))
  }

  async signer(name: AuthorityName): Promise<Signer> {
    const { signer } = this.#only(name)
    if (signer.key) return signer
    this.#key ??= readKey(this.owner, authorityFiles.etcd)
    const key = await this.#key
    refuseUnfitKey(this.owner.name, authorityFiles.etcd, signer.certificate, key)
    return { ...signer, key }
  }

  #only(name: AuthorityName): Authority {
    if (name !== 'etcd') throw new Error(`${name} is not a CA of etcd`)
    return this.authority
  }
}
