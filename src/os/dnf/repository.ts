import { throughProxy } from '../../host/proxy-file.js'
import { type RepositoryFiles, type RepositoryWish, repositoryId } from '../repository.js'

/** Where Fedora and Red Hat keep keys of packages. */
const keys = '/etc/pki/rpm-gpg'

/** A .repo file (dnf.conf(5), repo options): packages must be signed, and repomd.xml too unless its maker does not sign it. */
export function repository(wish: RepositoryWish): RepositoryFiles {
  const id = repositoryId(wish)
  const key = `${keys}/RPM-GPG-KEY-${id}`
  const authority = `/etc/pki/tls/certs/${id}-ca.pem`
  const all = `/etc/pki/tls/certs/${id}-ca-all.pem`
  const further = wish.ca === undefined ? [] : [`sslcacert=${all}`]
  return {
    id,
    key,
    definition: { path: `/etc/yum.repos.d/${id}.repo`, content: repoFile(wish, id, key, further) },
    ...(wish.ca === undefined
      ? { besides: [] }
      : { besides: [{ path: authority, content: wish.ca }], authorities: { own: authority, all } }),
  }
}

/** The form that dnf and zypper share. */
export function repoFile(wish: RepositoryWish, id: string, key: string, further: readonly string[]): string {
  const lines = [
    `[${id}]`,
    `name=${wish.name}`,
    `baseurl=${wish.url}`,
    'enabled=1',
    ...further,
    'gpgcheck=1',
    `repo_gpgcheck=${wish.signedLists ? 1 : 0}`,
    `gpgkey=file://${key}`,
  ]
  return `${lines.join('\n')}\n`
}

/**
 * The lists of this repository alone: others may be out of reach. -y accepts the key of the definition for repomd.xml.
 * Lists that are not old would not be read again (--refresh); and Fedora's configuration leaves out a repository that
 * cannot be read, with exit code 0 (skip_if_unavailable, dnf.conf(5)).
 */
export const readRepository = `${throughProxy}
dnf -y -q --disablerepo='*' --enablerepo="$1" --setopt="$1.skip_if_unavailable=0" --refresh makecache`
