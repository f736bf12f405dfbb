import { UserError } from '../lib/errors.js'
import type { Host } from './host.js'

/** The first entry of directory "$1", or nothing. */
const script = `
[ -e "$1" ] || [ -L "$1" ] || exit 0
entries=$(ls -A -- "$1") || exit 1
[ -z "$entries" ] || printf '%s\\n' "$entries" | head -n 1
`

/** Whether nothing is in a directory, or there is none. Throws UserError('connection') when it cannot be looked into. */
export async function isEmptyDirectory(host: Host, path: string): Promise<boolean> {
  const answer = await host.read({ what: `look into ${path}`, script, args: [path] })
  if (answer.code === 0) return answer.stdout.length === 0
  throw new UserError('connection', `cannot read ${path}`, { host: host.name, why: answer.stderr.trim() })
}
