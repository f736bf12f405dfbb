import type { Host } from '../../host/host.js'
import type { BackendState } from '../balancer.js'
import { adminSocket, backendName } from './config.js'

// A machine that only balances may have no socat; Debian has Perl's Socket on every machine (perl-base).
const script = `
[ -S "$1" ] || exit 1
if command -v socat >/dev/null; then echo 'show stat' | socat -t 5 - "UNIX-CONNECT:$1"
else perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un($ARGV[0])) or exit 1; syswrite S, "show stat\\n"; print while <S>' "$1"
fi 2>/dev/null
`

/** What haproxy on a machine thinks of each API server. Throws when it cannot be asked. */
export async function haproxyBackends(host: Host): Promise<BackendState[]> {
  const answer = await host.read({ what: 'ask haproxy', script, args: [adminSocket], logged: true })
  if (answer.code !== 0) throw new Error('haproxy is not running or does not answer')
  return parseBackends(answer.stdout.toString())
}

/** The servers in the answer to "show stat" (haproxy's management guide, 9.1); columns are found by their names. */
export function parseBackends(csv: string): BackendState[] {
  const [header = '', ...rows] = csv.trim().split('\n')
  const names = header.replace(/^# /, '').split(',')
  return rows.flatMap((row) => {
    const cells = row.split(',')
    const cell = (name: string): string => cells[names.indexOf(name)] ?? ''
    if (cell('pxname') !== backendName || cell('svname') === 'BACKEND') return []
    const words = cell('last_chk') || cell('check_desc')
    // "UP 1/2": it is up and the last check failed
    return [{ name: cell('svname'), up: cell('status').startsWith('UP'), words }]
  })
}
