import { parse } from 'smol-toml'
import { messageOf, UserError } from '../../lib/errors.js'

/** A file that config.toml imports, itself or by one that it does. */
export interface Imported {
  path: string
  table: Record<string, unknown>
}

/**
 * Prints what the file "$1" imports, in containerd's order (config.go, LoadConfig): "@import PARENT<tab>PATTERN" for each
 * entry, "@file PATH" and the file's lines behind a blank for each file found. `imports` is a key before the first table.
 * POSIX sh with awk.
 */
export const importsScript = `
main=$1
tab=$(printf '\\t')
nl='
'
entries() {
  awk '
    !inside && /^[ \\t]*\\[/ { exit }
    !inside && /^[ \\t]*"?imports"?[ \\t]*=/ { inside = 1; sub(/^[^=]*=/, "") }
    inside {
      while (match($0, /"[^"]*"|\\047[^\\047]*\\047|#.*|\\]/)) {
        t = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
        if (t == "]") exit
        if (t ~ /^#/) break
        print substr(t, 2, length(t) - 2)
      }
    }' "$1"
}
pending=$main seen=$nl
while [ -n "$pending" ]; do
  f=\${pending%%"$nl"*}
  case $pending in *"$nl"*) pending=\${pending#*"$nl"} ;; *) pending= ;; esac
  case $seen in *"$nl$f$nl"*) continue ;; esac
  seen=$seen$f$nl
  [ -f "$f" ] || continue
  if [ "$f" != "$main" ]; then
    echo "@file $f"
    sed 's/^/ /' "$f" || exit 1
    echo
  fi
  found=$(entries "$f") || exit 1
  [ -n "$found" ] || continue
  while IFS= read -r pattern; do
    printf '@import %s\\t%s\\n' "$f" "$pattern"
    case $pattern in /*) p=$pattern ;; *) p=\${f%/*}/$pattern ;; esac
    case $p in
    *'*'*)
      old=$IFS IFS=
      # Go's * matches a leading dot
      for one in $p "\${p%/*}"/.\${p##*/}; do [ ! -f "$one" ] || pending=\${pending:+$pending$nl}$one; done
      IFS=$old ;;
    *) pending=\${pending:+$pending$nl}$p ;;
    esac
  done <<END
$found
END
done
echo @end
`

/**
 * The files that were found, in containerd's order.
 * @param main path and text of config.toml
 * Throws an Error when the answer is not whole, or does not have an entry of `imports`; UserError('step') for a
 * file that is no TOML.
 */
export function importedFiles(
  answer: string,
  main: { path: string; text: string },
  host: string,
): Imported[] {
  const lines = answer.trimEnd().split('\n')
  if (lines.at(-1) !== '@end')
    throw new Error(`cannot read what ${main.path} imports: the answer is cut short`)
  const entries = new Set<string>()
  const texts = new Map<string, string[]>()
  let here: string[] = []
  for (const line of lines) {
    if (line.startsWith(' ')) here.push(line.slice(1))
    else if (line.startsWith('@import ')) entries.add(line.slice(8))
    else if (line.startsWith('@file ')) {
      here = []
      texts.set(line.slice(6), here)
    }
  }
  const imported = [...texts].map(([path, text]) => ({ path, table: tableOf(path, text.join('\n'), host) }))
  for (const { path, table } of [
    { path: main.path, table: tableOf(main.path, main.text, host) },
    ...imported,
  ])
    for (const entry of Array.isArray(table.imports) ? table.imports : [])
      if (!entries.has(`${path}\t${entry}`))
        throw new Error(
          `cannot read what ${path} imports: ${JSON.stringify(entry)} is not found there as it is written`,
        )
  return imported
}

function tableOf(path: string, text: string, host: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (error) {
    throw new UserError('step', `${path} cannot be read as TOML`, {
      host,
      why: messageOf(error),
      next: 'fix or remove the file; containerd does not start with it',
    })
  }
}
