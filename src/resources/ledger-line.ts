import { decodeSubject, type LedgerKind } from '../host/ledger-script.js'

/** One thing kubestrap put on a machine; see host/ledger-script.ts. */
export interface LedgerEntry {
  kind: LedgerKind
  subject: string
  /** created|replaced for files and edits, a digest for `wrote`, else ''. */
  detail: string
}

const nothing = /^$/
const made = /^(?:created|replaced)$/
/** A unit's name (systemd.unit(5)). */
const unit = /^[A-Za-z0-9:_.\\@-]{1,255}$/

/** What subject and detail of each kind look like; a path has its own rules. */
const kinds: Readonly<Record<LedgerKind, { subject: RegExp | 'path'; detail: RegExp }>> = {
  file: { subject: 'path', detail: made },
  edit: { subject: 'path', detail: made },
  directory: { subject: 'path', detail: nothing },
  tree: { subject: 'path', detail: nothing },
  wrote: { subject: 'path', detail: /^[0-9a-f]{64}$/ },
  held: { subject: /^[A-Za-z0-9][A-Za-z0-9+._:~-]*$/, detail: nothing },
  // of Debian, RPM and others; with an architecture behind a colon
  package: { subject: /^[A-Za-z0-9][A-Za-z0-9+._:~-]*$/, detail: nothing },
  image: { subject: /^[A-Za-z0-9][A-Za-z0-9._/:@+-]*$/, detail: nothing },
  enabled: { subject: unit, detail: nothing },
  disabled: { subject: unit, detail: nothing },
  masked: { subject: unit, detail: nothing },
  // as rpm names them
  key: { subject: /^gpg-pubkey-[0-9a-f]{8,64}-[0-9a-f]{1,16}$/, detail: nothing },
  firewall: { subject: /^[A-Za-z0-9_-]+ (?:port|protocol|source) [A-Za-z0-9:./-]+$/, detail: nothing },
}

/**
 * The entry of a line, of this version's form or of 0.1.0's; undefined for a line that was cut.
 * Throws an Error that says what is wrong with any other.
 */
export function parseLedgerLine(line: string): LedgerEntry | undefined {
  const fields = line.split('\t')
  if (fields.length > 1 && fields.at(-1) === 'cut') return undefined
  const encoded = fields[0] === '2'
  const [kind = '', field = '', detail, ...rest] = encoded ? fields.slice(1) : fields
  if (!isKind(kind) || detail === undefined || rest.length > 0)
    throw new Error(`not a line of a ledger: ${JSON.stringify(line.slice(0, 120))}`)
  const told = encoded ? decodeSubject(field) : field
  const wanted = kinds[kind]
  // the kernel takes any number of slashes for one
  const subject = wanted.subject === 'path' ? told.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '') : told
  if (!wanted.detail.test(detail))
    throw new Error(`${kind} ${JSON.stringify(subject)}: not a detail of it: ${JSON.stringify(detail)}`)
  if (wanted.subject === 'path') {
    const problem = pathProblem(subject)
    if (problem) throw new Error(`${kind} ${JSON.stringify(subject)}: ${problem}`)
    if (kind !== 'directory' && isSystemDirectory(subject))
      throw new Error(`${kind} ${subject}: a directory of the system, which is never emptied or replaced`)
  } else if (!wanted.subject.test(subject))
    throw new Error(`${kind} ${JSON.stringify(subject)}: not a name of one`)
  return { kind, subject, detail }
}

function isKind(word: string): word is LedgerKind {
  return Object.hasOwn(kinds, word)
}

function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'not an absolute path'
  if ([...path].some((char) => char < ' ' || char === '\x7f')) return 'control characters in a path'
  return path.split('/').some((part) => part === '.' || part === '..')
    ? 'a path with "." or ".." in it'
    : undefined
}

const system =
  `/etc/default /etc/systemd /etc/systemd/system /lib/modules /usr/bin /usr/include /usr/lib /usr/lib/modules
  /usr/lib/systemd /usr/lib/systemd/system /usr/lib64 /usr/libexec /usr/local /usr/local/bin /usr/local/etc
  /usr/local/lib /usr/local/sbin /usr/sbin /usr/share /usr/src /var/backups /var/cache /var/lib /var/local
  /var/lock /var/log /var/mail /var/opt /var/run /var/spool /var/tmp /var/lib/apt /var/lib/dpkg /var/lib/rpm
  /var/lib/systemd`.split(/\s+/)

/** Whether a path is a directory that every system has: /, those below it, homes and a few more. */
export function isSystemDirectory(path: string): boolean {
  return /^\/[^/]*$/.test(path) || /^\/home\/[^/]+$/.test(path) || system.includes(path)
}

/**
 * The same as a function of a script, for where a link leads: `is_system PATH`. POSIX sh.
 */
export const isSystemFunction = `
is_system() {
  case $1 in
  /home/*/*) ;;
  /home/*) return 0 ;;
  /*/*) ;;
  *) return 0 ;;
  esac
  case ' ${system.join(' ')} ' in *" $1 "*) return 0 ;; esac
  return 1
}
`
