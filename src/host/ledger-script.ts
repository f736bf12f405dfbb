/**
 * The ledger: what kubestrap put on a machine, one line a thing, "KIND<tab>SUBJECT<tab>DETAIL",
 * appended before the thing is made and never rewritten. Only `reset` reads it; plan and up look at
 * the machine itself.
 *
 * - `file`, `edit` PATH created|replaced: a file or link; what it replaced lies under `before`
 * - `directory` PATH: made for something of ours; removed when nothing is left in it
 * - `tree` PATH: was empty when we came; everything in it is ours or our components'
 * - `wrote` PATH SHA-256: what an edit left, to see whether somebody went on from there
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

/** "KIND SUBJECT" as a mutation is given it; paths and names have no blanks of their own kind. */
export type LedgerNote = `${Exclude<LedgerKind, 'wrote'>} ${string}`

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
[ ! -f $ledger ] || known=$nl$(cut -f1,2 <$ledger)$nl
has() { case $known in *"$nl$1$tab$2$nl"*) ;; *) return 1 ;; esac; }
note() { # kind subject detail
  [ -n "$noted" ] || (umask 077; mkdir -p \${ledger%/*}) || return 1
  noted=1 known=$known$1$tab$2$nl
  (umask 077; printf '%s\\t%s\\t%s\\n' "$1" "$2" "$3" >>$ledger)
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
    elif has directory "$2" || [ -z "$(ls -A -- "$2")" ]; then note tree "$2" ''
    fi ;;
  directory) [ -e "$2" ] || { parents "$2" && note directory "$2" ''; } ;;
  *) note "$1" "$2" '' ;;
  esac
}
remembered() { [ -z "$noted" ] || sync -- $ledger 2>/dev/null || sync; }
`
