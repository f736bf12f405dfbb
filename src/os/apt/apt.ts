import type { OperatingSystem } from '../os.js'
import { collecting } from './collect.js'
import { downloadPackages, installPackages } from './install.js'
import { offline } from './offline.js'
import { patiently } from './patiently.js'
import { readRepository, repository } from './repository.js'

/** The package manager of Debian and Ubuntu. */
export const apt = {
  installedPackages: `
said=$(dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version}\\n' -- "$@" 2>/dev/null)
# 1: some of them are not there; anything else is no answer
[ $? -le 1 ] || { dpkg-query -W -- "$@" >/dev/null; exit 1; }
printf '%s\\n' "$said" | sed -n 's/^installed //p'
`,
  installPackages,
  downloadPackages,
  removePackages: `
export DEBIAN_FRONTEND=noninteractive
apt-get purge -y -o DPkg::Lock::Timeout=300 -- "$@"
`,
  offeredVersion: `
said=$(apt-cache policy "$1") || return 1
printf '%s\\n' "$said" | sed -n 's/^  Candidate: *\\([0-9].*\\)/\\1/p'
`,
  // columns "name | version | where from", the newest first (apt-cache(8), madison)
  availableVersions: `
said=$(apt-cache madison -- "$1") || return 1
printf '%s\\n' "$said" | awk -F ' *[|] *' 'NF > 1 { print $2 }'
`,
  versionSeparator: '=',
  packageFormat: 'deb',
  owningPackage: `
said=$(dpkg-query -S "$1" 2>/dev/null)
# 1: no package has it; anything else is no answer
[ $? -le 1 ] || { dpkg-query -S "$1" >/dev/null; return 1; }
printf '%s\\n' "$said" | sed -n '/^diversion /!s/[:,].*//p'
`,
  // asked for a name that is in no list, showhold fails (apt-mark(8)): it is asked for all
  heldPackages: `
held=$(apt-mark showhold) || exit 1
for name in "$@"; do ! printf '%s\\n' "$held" | grep -qxF -e "$name" || printf '%s\\n' "$name"; done
exit 0
`,
  holdPackages: `${patiently}patiently apt-mark -q hold -- "$@"`,
  releasePackages: `${patiently}patiently apt-mark -q unhold -- "$@"`,
  holdNeeds: [],
  needsSuite: true,
  repository,
  // Signed-By names it
  trustKey: ':',
  trustedKeys: 'exit 0',
  distrustKeys: 'exit 0',
  readRepository,
  collecting,
  offline,
} satisfies Partial<OperatingSystem>
