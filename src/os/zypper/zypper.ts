import { throughProxy } from '../../host/proxy-file.js'
import { repoFile } from '../dnf/repository.js'
import type { OperatingSystem } from '../os.js'
import { repositoryId } from '../repository.js'
import { distrustKeys, trustedKeys, trustKey } from '../rpm/keys.js'
import { rpmQueries, savedConfiguration, withoutSavedConfiguration } from '../rpm/queries.js'
import { downloadPackages, installPackages } from './install.js'

/**
 * The package manager of SUSE. ZYPP_LOCK_TIMEOUT (zypp.conf(5), lock_timeout): seconds to wait for another one, which
 * otherwise is exit code 7 at once.
 */
export const zypper = {
  ...rpmQueries,
  installPackages,
  downloadPackages,
  removePackages: `
export ZYPP_LOCK_TIMEOUT=300
${savedConfiguration}
zypper --non-interactive remove --no-clean-deps -- "$@" || exit 1
${withoutSavedConfiguration}
`,
  // 104: it is in no repository (zypper(8), exit codes; older versions exit 0 and say so)
  offeredVersion: `
said=$(ZYPP_LOCK_TIMEOUT=60 zypper --non-interactive --no-refresh info -t package -- "$1")
case $? in 0 | 104) ;; *) return 1 ;; esac
printf '%s\\n' "$said" | sed -n 's/^Version *: *//p' | head -n 1
`,
  // 104: it is in no repository (zypper(8), exit codes)
  availableVersions: `
said=$(ZYPP_LOCK_TIMEOUT=60 zypper --non-interactive --no-refresh --xmlout search -s -t package --match-exact -- "$1")
case $? in 0 | 104) ;; *) return 1 ;; esac
printf '%s\\n' "$said" | sed 's/></>\\
</g' | sed -n 's/^ *<solvable .*edition="\\([^"]*\\)".*/\\1/p' | sort -rV
`,
  versionSeparator: '=',
  packageFormat: 'rpm',
  // locks(5): a lock of a name keeps every version out but the one installed
  heldPackages: `
[ -e /etc/zypp/locks ] || exit 0
for name in "$@"; do
  ! sed -n 's/^solvable_name: *//p' /etc/zypp/locks | grep -qxF -e "$name" || printf '%s\\n' "$name"
done
exit 0
`,
  holdPackages: `
export ZYPP_LOCK_TIMEOUT=300
zypper --non-interactive addlock -t package -- "$@"
`,
  releasePackages: `
export ZYPP_LOCK_TIMEOUT=300
zypper --non-interactive removelock -t package -- "$@"
`,
  holdNeeds: [],
  needsSuite: false,
  repository: (wish) => {
    const id = repositoryId(wish)
    const key = `/etc/pki/rpm-gpg/RPM-GPG-KEY-${id}`
    return {
      id,
      key,
      definition: {
        path: `/etc/zypp/repos.d/${id}.repo`,
        content: repoFile(wish, id, key, ['autorefresh=1', 'type=rpm-md']),
      },
      // libzypp trusts the system's authorities alone
      besides: [],
    }
  },
  // zypper asks whether to trust a key that rpm does not know, and refuses it when it may not ask
  trustKey,
  trustedKeys,
  distrustKeys,
  readRepository: `
${throughProxy}export ZYPP_LOCK_TIMEOUT=300
zypper --non-interactive refresh --force -- "$1"
`,
} satisfies Partial<OperatingSystem>
