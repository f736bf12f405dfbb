import type { Host } from '../../host/host.js'
import type { Secret } from '../../lib/secret.js'
import type { Authority } from '../../pki/authorities.js'
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

  certificate(name: AuthorityName): string {
    return this.#only(name).certificate
  }

  async signer(name: AuthorityName): Promise<Authority> {
    const authority = this.#only(name)
    if (authority.key) return authority
    this.#key ??= readKey(this.owner, authorityFiles.etcd)
    const key = await this.#key
    refuseUnfitKey(this.owner.name, authorityFiles.etcd, authority.certificate, key)
    return { ...authority, key }
  }

  #only(name: AuthorityName): Authority {
    if (name !== 'etcd') throw new Error(`${name} is not a CA of etcd`)
    return this.authority
  }
}
