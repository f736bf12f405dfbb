import type { OperatingSystem } from './os.js'

/** Debian, Ubuntu and their children. */
export const debian: OperatingSystem = {
  id: 'debian',
  matches: ({ os }) => [os.id, ...os.like].some((id) => id === 'debian' || id === 'ubuntu'),
  installedPackages: `
said=$(dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version}\\n' -- "$@" 2>/dev/null)
# 1: some of them are not there; anything else is no answer
[ $? -le 1 ] || { dpkg-query -W -- "$@" >/dev/null; exit 1; }
printf '%s\\n' "$said" | sed -n 's/^installed //p'
`,
  // dpkg --configure -a: a predecessor that was cut leaves half-configured packages, and apt refuses to go on.
  // Lists are fetched when there are none or they are older than a day: a stale list names files that are gone.
  installPackages: `
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
set -- -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -- "$@"
# dpkg and the package lists have locks that no timeout option covers: waited for here
patiently() {
  i=0
  until said=$("$@" 2>&1); do
    case $said in *lock*) ;; *) printf '%s\\n' "$said" >&2; exit 1 ;; esac
    i=$((i + 1))
    [ $i -lt 150 ] || { printf '%s\\n' "$said" >&2; exit 1; }
    sleep 2
  done
}
[ -z "$(dpkg --audit)" ] || patiently dpkg --configure -a
if [ -z "$(find /var/lib/apt/lists -name '*Packages*' -mtime -1 2>/dev/null | head -n 1)" ]; then
  patiently apt-get -q update
fi
plan=$(apt-get -s install "$@") || exit 1
added=$(printf '%s\\n' "$plan" | sed -n 's/^Inst \\([^ ]*\\) (.*/\\1/p')
for name in $added; do remember package "$name" || exit 1; done
remembered
apt-get install "$@"
`,
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
  packages: {
    docker: ['docker.io'],
    containerd: ['containerd'],
    cniPlugins: ['containernetworking-plugins'],
    kubeletNeeds: ['conntrack', 'ebtables', 'ethtool', 'iproute2', 'iptables', 'socat', 'util-linux'],
    haproxy: ['haproxy'],
    keepalived: ['keepalived'],
    etcd: ['etcd-server', 'etcd-client'],
  },
  cniPluginDirectory: '/usr/lib/cni',
  kubeletDefaults: '/etc/default/kubelet',
}
