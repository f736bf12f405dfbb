import { containsAddress, parseCidr } from '../../lib/cidr.js'
import { UserError } from '../../lib/errors.js'
import { matchesPatterns } from '../../lib/glob-pattern.js'
import type { ConfigLine } from './lines.js'

/** What the criteria of a Match line are about. */
export interface Candidate {
  given: string
  host: string
  user: string
  localUser: string
  tag: string
  finalPass: boolean
  addresses: readonly string[]
  /** Runs a command, its tokens replaced; whether it exits 0. Undefined: it was not run, and nobody knows. */
  exec(command: string): boolean | undefined
}

/**
 * Whether a Match line applies (ssh_config(5), MATCH): all of its criteria, each possibly negated. A
 * command runs only when everything before it holds. Throws UserError('inventory') for a criterion
 * that is not known here.
 * @param wantFinal called when the line asks for the configuration to be read once more
 */
export function matchApplies(line: ConfigLine, about: Candidate, wantFinal: () => void): boolean {
  const words = line.args.flatMap((word) => {
    const split = /^(!?[a-z]+)=(.*)$/i.exec(word)
    return split ? [split[1] ?? '', split[2] ?? ''] : [word]
  })
  let applies = true
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const negated = word.startsWith('!')
    const name = word.replace(/^!/, '').toLowerCase()
    if (name === 'all') continue
    if (name === 'final' || name === 'canonical') {
      if (name === 'final') wantFinal()
      if (about.finalPass === negated) applies = false
      continue
    }
    i += 1
    const value = words[i]
    if (value === undefined) throw cannot(line, `${name} without a value`)
    const holds = criterion(name, value, about, line, applies)
    // what is not known is no reason for a line to apply, not even negated
    if (holds === undefined || holds === negated) applies = false
  }
  return applies
}

function criterion(
  name: string,
  value: string,
  about: Candidate,
  line: ConfigLine,
  stillApplies: boolean,
): boolean | undefined {
  const list = value.split(',')
  switch (name) {
    case 'host':
      return matchesPatterns(list.map(lower), lower(about.host))
    case 'originalhost':
      return matchesPatterns(list.map(lower), lower(about.given))
    case 'user':
      return matchesPatterns(list, about.user)
    case 'localuser':
      return matchesPatterns(list, about.localUser)
    case 'tagged':
      return matchesPatterns(list, about.tag)
    case 'localnetwork':
      return list.some((text) => {
        const cidr = parseCidr(text)
        return cidr !== undefined && about.addresses.some((address) => containsAddress(cidr, address))
      })
    case 'exec':
      return stillApplies && about.exec(value)
    default:
      throw cannot(line, `${name} is not supported`)
  }
}

function lower(text: string): string {
  return text.toLowerCase()
}

function cannot(line: ConfigLine, what: string): UserError {
  return new UserError('inventory', `${line.at}: Match ${what}`, {
    next: 'set ssh: { config: false } to ignore the file, or name another with ssh.config',
  })
}
