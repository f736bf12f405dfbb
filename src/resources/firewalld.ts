import type { Change, Step, Work } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

/** What a firewall lets in. */
export interface Openings {
  /** "6443/tcp", "2379-2380/tcp" */
  ports: readonly string[]
  /** By the names of /etc/protocols: "vrrp". */
  protocols: readonly string[]
  /** Subnets from which everything is let in and through. */
  trusted: readonly string[]
}

/** What firewalld lets in: in the zone of the interface, and the sources of the zone trusted. */
export interface FirewalldState {
  zone: string
  runtime: Openings
  permanent: Openings
}

/**
 * firewall-cmd(1): an interface without a zone is in the default one. Runtime and permanent configuration are two, and a
 * reload, which makes one of the other, would flush what kube-proxy and Docker have added in between with iptables.
 */
const probeScript = `
zone=$(firewall-cmd --get-zone-of-interface="$1" 2>/dev/null) || zone=$(firewall-cmd --get-default-zone) || exit 1
[ -n "$zone" ] || exit 1
echo "zone $zone"
for when in --runtime --permanent; do
  set -- "$when"
  [ $when = --permanent ] || set --
  ports=$(firewall-cmd "$@" --zone="$zone" --list-ports) || exit 1
  protocols=$(firewall-cmd "$@" --zone="$zone" --list-protocols) || exit 1
  sources=$(firewall-cmd "$@" --zone=trusted --list-sources) || exit 1
  printf '%s ports %s\\n%s protocols %s\\n%s trusted %s\\n' $when "$ports" $when "$protocols" $when "$sources"
done
echo end
`

/** Arguments: zone, then pairs of what and value. */
const applyScript = `
zone=$1
shift
while [ $# -gt 0 ]; do
  case $1 in
  ports) set -- "$@" "--zone=$zone" "--add-port=$2" ;;
  protocols) set -- "$@" "--zone=$zone" "--add-protocol=$2" ;;
  trusted) set -- "$@" --zone=trusted "--add-source=$2" ;;
  *) break ;;
  esac
  shift 2
done
while [ $# -gt 0 ]; do
  firewall-cmd -q --permanent "$1" "$2" && firewall-cmd -q "$1" "$2" || exit 1
  shift 2
done
`

/** How the ledger calls each of them. */
const noted = { ports: 'port', protocols: 'protocol', trusted: 'source' } as const

/** What must be let in is, now and after a reload; what else is open stays. */
export function firewalld(host: Host, interfaceName: string, wish: Openings): Step<FirewalldState> {
  return {
    id: 'firewalld',
    title: 'firewalld',
    target: host.name,
    probe: async () => {
      const answer = await host.read({
        what: 'look at firewalld',
        script: probeScript,
        args: [interfaceName],
        timeoutMs: 30_000,
      })
      const state = answer.code === 0 ? parseFirewalld(answer.stdout.toString()) : undefined
      if (!state)
        throw new UserError('step', 'could not check what firewalld allows', {
          host: host.name,
          why: answer.stderr.trim(),
        })
      return state
    },
    diff: (state) => firewalldChanges(state, wish),
    apply: async (changes, { observed: { zone } }) => {
      const pairs = changes.flatMap(({ subjects }) => subjects ?? []).map((subject) => subject.split(' '))
      await host.mutate({
        what: 'open ports in firewalld',
        script: applyScript,
        args: [zone, ...pairs.flat()],
        ledger: pairs.map(([what, value]) => {
          const kind = noted[what as keyof typeof noted]
          return `firewall ${what === 'trusted' ? 'trusted' : zone} ${kind} ${value}` as const
        }),
        timeoutMs: 60_000,
      })
    },
  }
}

/** Undefined when the answer is not whole. */
export function parseFirewalld(text: string): FirewalldState | undefined {
  const lines = text.trimEnd().split('\n')
  const value = (key: string): string | undefined =>
    lines
      .find((line) => line === key || line.startsWith(`${key} `))
      ?.slice(key.length)
      .trim()
  const zone = value('zone')
  const list = (key: string): string[] => (value(key) ?? '').split(/\s+/).filter(Boolean)
  if (lines.at(-1) !== 'end' || !zone) return undefined
  const openings = (when: string): Openings => ({
    ports: list(`${when} ports`),
    protocols: list(`${when} protocols`),
    trusted: list(`${when} trusted`),
  })
  return { zone, runtime: openings('--runtime'), permanent: openings('--permanent') }
}

/** What is missing in either configuration, in one change; newer versions join ports that touch to ranges. */
function firewalldChanges({ zone, runtime, permanent }: FirewalldState, wish: Openings): Change[] {
  const lacks = (isOpen: (now: Openings, one: string) => boolean) => (one: string) =>
    !isOpen(runtime, one) || !isOpen(permanent, one)
  const ports = wish.ports.filter(lacks((now, one) => now.ports.some((range) => holds(range, one))))
  const protocols = wish.protocols.filter(lacks((now, one) => now.protocols.includes(one)))
  const trusted = wish.trusted.filter(lacks((now, one) => now.trusted.includes(one)))
  const subjects = (what: string, values: readonly string[]) => values.map((one) => `${what} ${one}`)
  const open: Work & { summary: string } = {
    kind: 'update',
    subjects: [...subjects('ports', ports), ...subjects('protocols', protocols)],
    summary: `open ${[...ports, ...protocols].join(', ')} in zone ${zone} of firewalld`,
  }
  return [
    ...(ports.length + protocols.length > 0 ? [open] : []),
    ...(trusted.length > 0
      ? [
          {
            kind: 'update' as const,
            subjects: subjects('trusted', trusted),
            summary: `allow all traffic from ${trusted.join(', ')} (zone trusted of firewalld)`,
          },
        ]
      : []),
  ]
}

/** Whether a port or range has another in it: "2379-2380/tcp" has "2380/tcp". */
function holds(range: string, port: string): boolean {
  const [outer, inner] = [parse(range), parse(port)]
  return (
    outer !== undefined &&
    inner !== undefined &&
    outer.protocol === inner.protocol &&
    outer.from <= inner.from &&
    inner.to <= outer.to
  )
}

function parse(text: string): { from: number; to: number; protocol: string } | undefined {
  const [, from, to = from, protocol] = /^(\d+)(?:-(\d+))?\/([a-z]+)$/.exec(text) ?? []
  return from && protocol ? { from: Number(from), to: Number(to), protocol } : undefined
}
