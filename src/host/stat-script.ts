import { createHash } from 'node:crypto'
import { digestOf } from './digest-script.js'
import type { FileState } from './host.js'

/** Files larger than this are not hashed again while their cached digest's inode, size and ctime hold. */
const bigFile = 8 * 1024 * 1024

/** Largest file whose content travels. */
const maxContent = 1024 * 1024

/** Where `upload` leaves digests; losing it costs time, nothing else. */
export const digestCache = '/var/lib/kubestrap/digests'

/** What stat(1) is asked to print of a path that `test` has just not found: it has appeared since. */
const appeared = 'x'

export interface StatQuestion {
  path: string
  content: boolean
}

/**
 * Asks for any number of paths with a handful of processes. Arguments: for each path "1" or "0"
 * (content wanted) and the path. `test` sorts the paths; those it does not find are looked at by
 * stat(1) again, because only "No such file" means absent. Answers go by position, never by name.
 */
export const statScript = `
export LC_ALL=C TZ=UTC
i=0 kinds=
while [ $# -gt 0 ]; do
  i=$((i + 1)) want=$1 p=$2
  shift 2
  if [ -L "$p" ]; then k=l
  elif [ -f "$p" ]; then k=f
  elif [ -d "$p" ]; then k=d
  elif [ -e "$p" ]; then k=o
  else k=a; fi
  eval "p$i=\\$p w$i=\\$want k$i=$k"
  kinds=$kinds$k
done
n=$i
each() { # kind command…: the command once, with every path of that kind
  kind=$1
  shift
  i=0
  c=0
  while [ $i -lt $n ]; do
    i=$((i + 1))
    eval "k=\\$k$i"
    case $kind in *$k*) eval "set -- \\"\\$@\\" \\"\\$p$i\\""; c=$((c + 1));; esac
  done
  [ $c -eq 0 ] || "$@"
}
echo "$kinds"
echo @absent; each a stat -c ${appeared} -- 2>&1
echo @links; each l readlink -z -- | base64 | tr -d '\\n'; echo
echo @stat; each fd stat -c '%a %U:%G %s' -- || exit 1
echo @sums
i=0
set -- $(each f stat -c %s --)
while [ $i -lt $n ]; do
  i=$((i + 1))
  eval "k=\\$k$i p=\\$p$i"
  [ $k = f ] || continue
  size=$1
  shift
  if [ "$size" -gt ${bigFile} ]; then
    key="$(stat -c '%i %s %z' -- "$p") $p"
    sum=
    if [ -r ${digestCache} ]; then
      while IFS= read -r line; do [ "\${line#* }" = "$key" ] && sum=\${line%% *}; done <${digestCache}
    fi
    [ -n "$sum" ] || sum=$(${digestOf('"$p"')}) || exit 1
    echo "\${sum%% *}"
    eval "k$i=F"
  fi
done
echo @small; each f sha256sum -- || exit 1
echo @content
i=0
set --
while [ $i -lt $n ]; do
  i=$((i + 1))
  eval "k=\\$k$i p=\\$p$i w=\\$w$i"
  [ $k = f ] && [ $w = 1 ] && set -- "$@" "$p"
done
[ $# -eq 0 ] || cat -- "$@"
`

/** Something changed while it was looked at: another look finds it as it is then. */
export class ChangedMeanwhile extends Error {}

/**
 * States from the script's answer, in the order of the questions. Throws an Error in plain words
 * when something could not be looked at, and ChangedMeanwhile.
 */
export function parseStat(output: Buffer, questions: readonly StatQuestion[]): FileState[] {
  // with the line feed before it: a path that ends so stands at the end of its line
  const mark = Buffer.from('\n@content\n')
  const at = output.indexOf(mark)
  if (at < 0) throw new Error('the answer is cut short')
  const lines = output.subarray(0, at).toString().split('\n')
  const kinds = [...(lines[0] ?? '')]
  if (kinds.length !== questions.length) throw new Error('the answer lacks paths')
  const absent = section(lines, 'absent')
  const odd = absent.find(
    (line) => !line.endsWith(': No such file or directory') && !line.endsWith(': Not a directory'),
  )
  if (odd === appeared) throw new ChangedMeanwhile('a path appeared while it was looked at')
  if (odd !== undefined) throw new Error(odd)
  // a target may hold anything but NUL, so they travel as one line of base64
  const links = Buffer.from(section(lines, 'links').join(''), 'base64').toString().split('\0').slice(0, -1)
  if (links.length !== kinds.filter((kind) => kind === 'l').length)
    throw new ChangedMeanwhile('a link changed while it was read')
  const stats = section(lines, 'stat')
  const big = section(lines, 'sums')
  const small = section(lines, 'small')
  let content = output.subarray(at + mark.length)
  return questions.map((question, i): FileState => {
    const kind = kinds[i]
    if (kind === 'a') return { kind: 'absent' }
    if (kind === 'o') return { kind: 'other' }
    if (kind === 'l') return { kind: 'symlink', target: links.shift() ?? '' }
    const [mode = '', owner = '', size = ''] = (stats.shift() ?? '').split(' ')
    if (kind === 'd') return { kind: 'directory', mode: mode.padStart(4, '0'), owner }
    const bytes = Number(size)
    const isBig = bytes > bigFile
    // sha256sum escapes odd names and then starts its line with a backslash
    const sha256 = ((isBig ? big : small).shift() ?? '').replace(/^\\/, '').slice(0, 64)
    if (!/^[0-9a-f]{64}$/.test(sha256) || owner === '')
      throw new ChangedMeanwhile(`${question.path} changed while it was read`)
    const file = { kind: 'file', mode: mode.padStart(4, '0'), owner, size: bytes, sha256 } as const
    if (!question.content || isBig) return file
    const own = content.subarray(0, bytes)
    // sizes were read before contents: a file that grew in between would shift all that follow
    if (createHash('sha256').update(own).digest('hex') !== sha256)
      throw new ChangedMeanwhile(`${question.path} changed while it was read`)
    content = content.subarray(bytes)
    return bytes <= maxContent ? { ...file, content: own } : file
  })
}

function section(lines: readonly string[], name: string): string[] {
  const start = lines.indexOf(`@${name}`) + 1
  const rest = lines.slice(start)
  const end = rest.findIndex((line) => line.startsWith('@'))
  return (end < 0 ? rest : rest.slice(0, end)).filter((line) => line !== '')
}
