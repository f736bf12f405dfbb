import { swappersScript } from '../resources/swappers-script.js'

/** A container runtime found on a machine. */
export interface FoundRuntime {
  /** The program: "dockerd", "containerd", "crio", "podman". */
  name: string
  path: string
  /** The package that put it there; '' when none did. */
  owner: string
  running: boolean
}

/** What runs on a machine besides us. */
export interface Presence {
  runtimes: readonly FoundRuntime[]
  /** Active firewalls that manage rules of their own: "firewalld", "ufw". */
  firewalls: readonly string[]
  /** What the next boot runs that may turn swap on, and of which nothing is known. */
  swappers: readonly string[]
}

/**
 * Looks for runtimes and firewalls. POSIX sh.
 * @param owningPackage the operating system's script for who owns the file "$1"
 */
export function presenceScript(owningPackage: string): string {
  return `
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin:$PATH
owner() {
${owningPackage}
}
active() { # units: 0 one is, 1 none is, 2 systemd does not say
  for u in "$@"; do
    said=$(systemctl is-active "$u.service" 2>&1) && return 0
    case $said in
    *'not been booted with systemd'*) ;;
    *' '*) printf '%s\\n' "$said" >&2; return 2 ;;
    esac
  done
  return 1
}
found() {
  name=$1
  shift
  p=$(command -v "$name") || return 0
  p=$(readlink -f "$p")
  o=$(owner "$p") || exit 1
  active "$@" && s=running || { [ $? = 1 ] || exit 1; s=stopped; }
  printf 'runtime %s %s %s %s\\n' "$name" "$p" "$s" "$(printf '%s\\n' "$o" | head -n 1)"
}
found dockerd docker snap.docker.dockerd
found containerd containerd
found crio crio cri-o
found podman podman
for f in firewalld ufw; do active $f && echo "firewall $f" || [ $? = 1 ] || exit 1; done
${swappersScript}
echo end
exit 0
`
}

/** Undefined when the answer is not whole: that is no sign that nothing is there. */
export function parsePresence(output: string): Presence | undefined {
  const lines = output.trimEnd().split('\n')
  if (lines.at(-1) !== 'end') return undefined
  return {
    runtimes: lines.flatMap((line): FoundRuntime[] => {
      const [kind, name = '', path = '', state, owner = ''] = line.split(' ')
      return kind === 'runtime' ? [{ name, path, owner, running: state === 'running' }] : []
    }),
    swappers: lines.flatMap((line) => /^swapper (.+)$/.exec(line)?.[1] ?? []),
    firewalls: lines.flatMap((line) => /^firewall (\S+)$/.exec(line)?.[1] ?? []),
  }
}
