import type { Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

interface Resolved {
  /** Addresses in the order programs are given them; [] for none. */
  addresses: readonly string[]
  /** Lines of /etc/hosts that name it outside of our block, as "NUMBER: TEXT". */
  theirs: readonly string[]
  /** Our block has it, with the address that is wanted. */
  ours: boolean
}

/**
 * The effect of an edit of /etc/hosts, read back as programs see it: an earlier line of the user's for the same
 * name wins over the block. It applies nothing; whose line it is only its user can say. A node that lives with such a line
 * keeps it until the address changes: then the edit is refused before it is made (`refuseTaken`).
 * @param lives whether the host is a node already
 */
export function resolves(host: Host, name: string, address: string, lives: boolean): Step<Resolved> {
  return {
    id: `resolves:${name}`,
    title: `${name} is ${address}`,
    target: host.name,
    needs: [`${host.name}/edit:/etc/hosts`],
    waits: true,
    probe: async () => {
      const answer = await host.read({
        what: `resolve ${name}`,
        // getent exits 2 for a name that nobody knows: that is an answer, any other code is none
        script: `
said=$(getent ahosts "$1"); code=$?
[ $code -eq 0 ] || [ $code -eq 2 ] || exit 1
printf '%s\\n' "$said" | awk 'NF && !seen[$1]++ { print "address " $1 }'
awk -v name="$1" -v address="$2" '
  $0 == "# BEGIN kubestrap" { block = 1 }
  $0 == "# END kubestrap" { block = 0 }
  { line = $0; sub(/#.*/, "")
    for (i = 2; i <= NF; i++) if (tolower($i) == tolower(name)) {
      if (!block) print "theirs " NR ": " line; else if ($1 == address) print "ours " NR
      next
    } }' /etc/hosts
echo end`,
        args: [name, address],
        timeoutMs: 15_000,
      })
      const said = answer.stdout.toString().trimEnd().split('\n')
      if (answer.code !== 0 || said.at(-1) !== 'end')
        throw new UserError('step', `could not check what ${name} resolves to`, {
          host: host.name,
          why: answer.stderr,
        })
      const of = (word: string): string[] =>
        said.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
      return { addresses: of('address'), theirs: of('theirs'), ours: of('ours').length > 0 }
    },
    diff: ({ addresses, theirs, ours }) => {
      if (addresses[0] === address) return []
      // the block is written by the step before
      if (theirs.length === 0 && !ours) return [{ kind: 'wait', summary: `${name} resolves to ${address}` }]
      if (lives && ours) return []
      throw refusal(host, name, { is: addresses[0], wanted: address }, theirs)
    },
    apply: async () => {},
  }
}

/**
 * Throws UserError('step') where a node's block of /etc/hosts is to have another address than so far, and a line of the
 * user's before it would go on winning. Pure.
 * @param before its text, and `after` the edit
 */
export function refuseTaken(host: Host, name: string, address: string, before: string, after: string): void {
  const has = (text: string): boolean =>
    namings(text, name).some((one) => one.ours && one.address === address)
  if (has(before) || !has(after)) return
  const [first, ...others] = namings(after, name)
  if (first === undefined || first.address === address) return
  const theirs = [first, ...others].filter(({ ours }) => !ours).map(({ at, line }) => `${at}: ${line}`)
  throw refusal(host, name, { is: first.address, wanted: address }, theirs)
}

interface Naming {
  /** Line number. */
  at: number
  line: string
  address: string
  /** It is in our block. */
  ours: boolean
}

/** Lines of a hosts file that name it, which is what a resolver heeds: the first wins. */
function namings(hostsFile: string, name: string): Naming[] {
  let ours = false
  return hostsFile.split('\n').flatMap((line, i) => {
    if (line === '# BEGIN kubestrap') ours = true
    if (line === '# END kubestrap') ours = false
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (!names.some((one) => one.toLowerCase() === name.toLowerCase())) return []
    return [{ at: i + 1, line, address, ours }]
  })
}

function refusal(
  host: Host,
  name: string,
  address: { is: string | undefined; wanted: string },
  theirs: readonly string[],
): UserError {
  return new UserError('step', `${name} resolves to ${address.is ?? 'nothing'}, not to ${address.wanted}`, {
    host: host.name,
    why: theirs.map((line) => `/etc/hosts, line ${line}`).join('\n') || 'see hosts: in /etc/nsswitch.conf',
    next: `remove the name from that line, so that kubestrap's block is the first to have it`,
  })
}
