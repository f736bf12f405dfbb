import { UserError } from '../../lib/errors.js'
import { archiveRecords, unpackedScript } from '../download-script.js'
import type { Host } from '../host.js'
import { archiveTools, type Facts, unreadDirectory } from './facts.js'
import { parseFacts, readClock } from './parse-facts.js'

/**
 * What keeps clocks, by the names its units have on the systems there are; an alias answers with its unit's own name.
 * systemd-detect-virt(1) prints "none" where it is no container; `timedatectl show` is known since systemd 239.
 */
const timeUnits = [
  'chronyd.service',
  'chrony.service',
  'systemd-timesyncd.service',
  'ntpd.service',
  'ntp.service',
  'ntpsec.service',
  'ntpd-rs.service',
  'openntpd.service',
  'phc2sys.service',
]

/** Where systems have the certificate authorities that curl and wget trust: Debian, Red Hat, SUSE, others. */
const authorities = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * One script for all facts: `@name` lines open a section, what follows is a file or a command's
 * output as it is. Only what POSIX sh, coreutils and iproute2 offer; what is missing leaves its
 * section empty.
 */
const script = `
section() { printf '\\n@%s\\n' "$1"; }
section hostname; cat /proc/sys/kernel/hostname
section os; cat /etc/os-release /usr/lib/os-release 2>/dev/null
section container; container=$(systemd-detect-virt --container 2>/dev/null); printf '%s\\n' "$container"
section usr; [ "$(id -u)" -ne 0 ] || [ -w /usr/bin ] || echo read-only
section selinux; [ ! -e /sys/fs/selinux/enforce ] || cat /sys/fs/selinux/enforce 2>/dev/null || echo unknown
section firewalls; systemctl is-active firewalld.service ufw.service 2>/dev/null | for f in firewalld ufw; do
  state=
  read -r state
  case $state in active) echo "$f" ;; '') echo unknown ;; esac
done
if [ "$container" = none ]; then
  section time-units; systemctl show -p Id -p LoadState -p ActiveState ${timeUnits.join(' ')} 2>/dev/null && echo end
  section time-synchronized; timeout 5 timedatectl show -p NTPSynchronized 2>/dev/null
  section hypervisor-clocks; cat /sys/class/ptp/ptp*/clock_name 2>/dev/null
fi
section arch; uname -m
section kernel; uname -r
section init; [ -d /run/systemd/system ] && echo systemd
section state; systemctl is-system-running 2>/dev/null
section cgroup; stat -fc %T /sys/fs/cgroup
section cpus; grep -c ^processor /proc/cpuinfo
section memory; grep MemTotal /proc/meminfo
section disk; df -Pk /var/lib || exit 1
section uid; id -u
section time; date +%s.%N
section addresses; ip -o addr show
section route; ip -o route get 192.0.2.1 2>/dev/null
section links; ip -o link show
section machine-id; cat /etc/machine-id 2>/dev/null
section product-uuid; cat /sys/class/dmi/id/product_uuid 2>/dev/null
resolv=/etc/resolv.conf
section resolved; [ -e /run/systemd/resolve/resolv.conf ] && grep -Es '^nameserver[[:space:]]+127\\.0\\.0\\.5[34]' "$resolv" && resolv=/run/systemd/resolve/resolv.conf
section nameservers; sed -n 's/^nameserver[[:space:]]\\{1,\\}\\([^[:space:]#;]*\\).*/\\1/p' "$resolv" 2>/dev/null
section ca; for d in "$@"; do [ -d "$d" ] && echo "$d"; done
section kubernetes; ls /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf 2>/dev/null
section own-units; for f in /etc/systemd/system/*.wants/kubestrap-*.service; do [ ! -L "$f" ] || echo "\${f##*/}"; done
section listening; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
section controllers; cat /sys/fs/cgroup/cgroup.controllers 2>/dev/null || cat /proc/cgroups 2>/dev/null
section modules; for m in overlay br_netfilter nf_conntrack; do
  [ -d "/sys/module/$m" ] || grep -qsw "$m" /proc/filesystems || [ -e "/proc/sys/net/netfilter/\${m}_max" ] ||
    { [ "$m" = br_netfilter ] && [ -d /proc/sys/net/bridge ]; } || modprobe -n -q "$m" 2>/dev/null || echo "$m"
done
section lacks-for-downloads
command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || echo curl
for tool in ${archiveTools.join(' ')}; do command -v "$tool" >/dev/null 2>&1 || echo "$tool"; done
${authorities.map((file) => `[ -s ${file} ]`).join(' || ')} || echo ca-certificates
section downloads; ${unpackedScript(archiveRecords)}
section node-parts
{ command -v containerd || command -v dockerd; } >/dev/null 2>&1 && echo runtime
[ -e /opt/cni/bin/loopback ] && echo cniPlugins
section unread-repositories; for d in ${unreadDirectory}/kubestrap-*; do [ ! -d "$d" ] || echo "\${d##*/}"; done
section swaps; cat /proc/swaps 2>/dev/null
section end
exit 0
`

/**
 * What a machine is that has finished booting: one that still boots has services that will start by themselves,
 * so it is waited for, 90 seconds at most. `--wait` is known since systemd 240; an older one answers at once.
 * @param host a connected host
 * @param now our clock, for the skew
 * @param caDirectories which directories to look for (the release knows)
 * Throws UserError('connection') when the host cannot be asked.
 */
export async function readFacts(
  host: Host,
  now: () => number,
  caDirectories: readonly string[],
): Promise<Facts> {
  const facts = await ask(host, now, caDirectories)
  if (!facts.booting) return facts
  await host.read({ script: 'timeout 90 systemctl is-system-running --wait; exit 0', timeoutMs: 100_000 })
  return await ask(host, now, caDirectories)
}

async function ask(host: Host, now: () => number, caDirectories: readonly string[]): Promise<Facts> {
  const began = now()
  const answer = await host.read({
    what: 'read facts',
    script,
    args: [...caDirectories],
    timeoutMs: 20_000,
  })
  const after = now()
  // a full disk or a cut pipe leaves sections out, which is not the same as having none
  if (!answer.stdout.toString().trimEnd().endsWith('@end'))
    throw new UserError('connection', 'the facts are incomplete', { host: host.name, why: answer.stderr })
  const facts = parseFacts(answer.stdout.toString(), { before: answer.sentAt ?? began, after })
  if (isWellKnown(facts)) return facts
  const clock = await askClock(host, now)
  return clock && clock.clockUncertainMs < facts.clockUncertainMs ? { ...facts, ...clock } : facts
}

/**
 * The first question of a connection may also have waited for its handshake and login, and for those of hundreds of hosts
 * beside: then the clock is read again, alone. Not where it is near ours at the worst: any two such are near each other.
 */
const isWellKnown = ({ clockSkewMs, clockUncertainMs }: Facts): boolean =>
  clockUncertainMs <= 1_000 || Math.abs(clockSkewMs) + clockUncertainMs < 2_500

/** Undefined where it could not be read: the first reading stands. */
async function askClock(host: Host, now: () => number): Promise<ReturnType<typeof readClock> | undefined> {
  const before = now()
  const answer = await host.read({ what: 'read the clock', script: 'date +%s.%N', logged: true })
  const seconds = answer.stdout.toString().trim()
  return /^\d/.test(seconds) ? readClock(seconds, { before, after: now() }) : undefined
}
