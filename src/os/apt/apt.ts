import type { OperatingSystem } from '../os.js'
import { installPackages } from './install.js'
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
  removePackages: `
export DEBIAN_FRONTEND=noninteractive
apt-get purge -y -o DPkg::Lock::Timeout=300 -- "$@"
`,
  offeredVersion: `
said=$(apt-cache policy "$1") || return 1
printf '%s\\n' "$said" | sed -n 's/^  Candidate: *\\([0-9].*\\)/\\1/p'
`,
  owningPackage: `
said=$(dpkg-query -S "$1" 2>/dev/null)
# 1: no package has it; anything else is no answer
[ $? -le 1 ] || { dpkg-query -S "$1" >/dev/null; return 1; }
printf '%s\\n' "$said" | sed -n '/^diversion /!s/[:,].*//p'
`,
  // apt-mark(8); showhold prints the names, for a foreign architecture with ":ARCH"
  heldPackages: 'apt-mark showhold -- "$@"',
  holdPackages: 'apt-mark -q hold -- "$@"',
  holdNeeds: [],
  repository,
  readRepository,
} satisfies Partial<OperatingSystem>
