import { throughProxy } from '../../host/proxy-file.js'
import type { OperatingSystem } from '../os.js'
import { distrustKeys, trustedKeys, trustKey } from '../rpm/keys.js'
import { rpmQueries } from '../rpm/queries.js'
import { holding } from './hold.js'
import { downloadPackages, installPackages, removePackages } from './install.js'
import { readRepository, repository } from './repository.js'

/** The package manager of Red Hat's family, Fedora and Amazon Linux, versions 4 and 5. */
export const dnf = {
  ...rpmQueries,
  ...holding,
  installPackages,
  downloadPackages,
  removePackages,
  // version 4 ends each with a line feed, 5 only with the one asked for
  offeredVersion: `
${throughProxy}
said=$(dnf -q repoquery --available --latest-limit=1 --qf '%{version}-%{release}\\n' -- "$1") || return 1
printf '%s\\n' "$said" | sed '/^$/d' | head -n 1
`,
  availableVersions: `
${throughProxy}
said=$(dnf -q repoquery --available --qf '%{version}-%{release}\\n' -- "$1") || return 1
printf '%s\\n' "$said" | sed '/^$/d' | sort -rV
`,
  versionSeparator: '-',
  packageFormat: 'rpm',
  needsSuite: false,
  repository,
  trustKey,
  trustedKeys,
  distrustKeys,
  readRepository,
} satisfies Partial<OperatingSystem>
