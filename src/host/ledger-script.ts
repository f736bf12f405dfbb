/**
 * The ledger: what kubestrap put on a machine, one line a thing, "2<tab>KIND<tab>SUBJECT<tab>DETAIL",
 * appended before the thing is made and never rewritten. Only `reset` reads it; plan and up look at
 * the machine itself. A subject of other than plain characters stands there as "%" and two hexadecimal digits
 * for each of its bytes, so that none can hold a tab or a line feed and pass for lines of its own. Version 0.1.0
 * wrote "KIND<tab>SUBJECT<tab>DETAIL", as it was given the subject. A line that was cut (a power failure) ends
 * with "<tab>cut".
 *
 * - `file`, `edit` PATH created|replaced: a file or link; what it replaced lies under `before`
 * - `directory` PATH: made for something of ours; removed when nothing is left in it
 * - `tree` PATH: was empty when we came, but for a file system's lost+found; everything in it is ours or our components'
 * - `wrote` PATH SHA-256: what an edit left, to see whether somebody went on from there
 * - `firewall` "ZONE port|protocol|source VALUE": opened in firewalld by us
 * - `held` NAME: a package kept from upgrades by us
 * - `key` NAME: a key that packages of every repository are checked against, trusted by us
 * - `package` NAME, `image` REFERENCE, `enabled`, `disabled`, `masked` UNIT: done by us, not there before
 */
export const ledgerFile = '/var/lib/kubestrap/ledger'

/** Copies of files as they were before our first write, below this directory under their own paths. */
export const beforeDirectory = '/var/lib/kubestrap/before'

export type LedgerKind =
  | 'file'
  | 'edit'
  | 'directory'
  | 'tree'
  | 'wrote'
  | 'package'
  | 'image'
  | 'enabled'
  | 'masked'
  | 'disabled'
  | 'firewall'
  | 'held'
  | 'key'

/** "KIND SUBJECT" as a mutation is given it: all behind the first blank is the subject, whatever it holds. */
export type LedgerNote = `${Exclude<LedgerKind, 'wrote'>} ${string}`

/** Kind and subject of each note, as arguments of a script. */
export function noteArguments(notes: readonly LedgerNote[]): string[] {
  return notes.flatMap((note) => {
    const blank = note.indexOf(' ')
    return [note.slice(0, blank), note.slice(blank + 1)]
  })
}

/** What needs no encoding in a subject; the shell's pattern for it is in `ledgerFunctions`. */
const plain = /^[A-Za-z0-9._/:@+~,=-]+$/

/** The subject that stands in a line of the ledger. Throws an Error when it is not of that form. */
export function decodeSubject(field: string): string {
  if (plain.test(field)) return field
  if (!/^(?:%[0-9a-f]{2})+$/.test(field))
    throw new Error(`not a subject: ${JSON.stringify(field.slice(0, 120))}`)
  return Buffer.from(field.replaceAll('%', ''), 'hex').toString()
}

/**
 * Shell functions for scripts that change something. `remember KIND SUBJECT` notes once per subject
 * and keeps a copy of a file that was there; `remembered` flushes. Only what a machine had before our
 * first touch is worth keeping, hence the first line of a subject stays.
 */
export const ledgerFunctions = `
ledger=${ledgerFile} before=${beforeDirectory} tab=$(printf '\\t') noted=
nl='
'
known=$nl
# of both forms; those of before begin with their kind
[ ! -f $ledger ] || known=$nl$(sed "s/^2$tab//" $ledger | cut -f1,2)$nl
encode() { # subject: sets field
  case $1 in
  '' | *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@+~,=-]*)
    field=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \\n\\t' | sed 's/../%&/g') ;;
  *) field=$1 ;;
  esac
}
has() { # kind subject
  encode "$2"
  case $known in *"$nl$1$tab$field$nl"*) return 0 ;; esac
  # as version 0.1.0 wrote it; what holds a line feed was never one subject there
  case $2 in *"$nl"*) return 1 ;; esac
  case $known in *"$nl$1$tab$2$nl"*) ;; *) return 1 ;; esac
}
note() { # kind subject detail
  [ -n "$2" ] || return 1
  if [ -z "$noted" ]; then
    (umask 077; mkdir -p \${ledger%/*}) || return 1
    # what a power failure cut is no beginning of the next line
    [ ! -s $ledger ] || [ -z "$(tail -c 1 $ledger)" ] || printf '\\tcut\\n' >>$ledger || return 1
  fi
  encode "$2"
  noted=1 known=$known$1$tab$field$nl
  (umask 077; printf '2\\t%s\\t%s\\t%s\\n' "$1" "$field" "$3" >>$ledger)
}
parents() { # the directories above a path that are still to be made
  d=\${1%/*}
  while [ -n "$d" ] && [ ! -e "$d" ]; do
    has directory "$d" || note directory "$d" '' || return 1
    d=\${d%/*}
  done
}
remember() { # kind subject
  has "$1" "$2" && return 0
  case $1 in
  file | edit)
    # no file can take a directory's place: whoever tries is told so by the attempt
    [ -L "$2" ] || [ ! -d "$2" ] || return 0
    parents "$2" || return 1
    if [ -e "$2" ] || [ -L "$2" ]; then
      (umask 077; b=$before$2; mkdir -p "\${b%/*}" && cp -Pp -- "$2" "$b.new" && mv -fT -- "$b.new" "$b") && note "$1" "$2" replaced
    else note "$1" "$2" created
    fi ;;
  tree)
    if [ ! -e "$2" ]; then parents "$2" && note directory "$2" '' && note tree "$2" ''
    elif has directory "$2" || [ -z "$(ls -A -- "$2/" | grep -vx 'lost+found')" ]; then note tree "$2" ''
    fi ;;
  directory) [ -e "$2" ] || { parents "$2" && note directory "$2" ''; } ;;
  *) note "$1" "$2" '' ;;
  esac
}
remembered() { [ -z "$noted" ] || sync -- $ledger 2>/dev/null || sync; }
`
