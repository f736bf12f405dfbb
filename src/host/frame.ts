import { quote, quoteAll } from './quote.js'

/** One question of a frame. */
export interface FrameRead {
  script: string
  args: readonly string[]
  timeoutMs: number
}

export interface FrameAnswer {
  code: number
  stdout: Buffer
  stderr: Buffer
  /** Why the answer is none, although the host gave one. */
  problem?: string
}

/** Most bytes of one answer; the files a host is asked for are far smaller. */
const maxAnswer = 48 * 1024 * 1024

/** Where answers wait until they are whole; the first that takes a byte. */
const places = ['/run', '/tmp', '/var/tmp', '/dev/shm']

const problems: Readonly<Record<string, string>> = {
  full: 'the host could not keep the answer: no space left where it was written',
  big: `the answer is larger than ${maxAnswer / 1024 / 1024} MiB`,
}

/**
 * A script that asks several questions at once, each by itself under its own deadline. When all have ended it prints a line
 * for each, `KS id code outlength errlength`, and then what each wrote on both its outputs, in that order. What a question says
 * goes through a pipe, and the program that writes it down says whether it could: a script does not notice that a disk is
 * full, and half an answer, or none, would be taken for one. The code is then a word of `problems`. Processes are what a look
 * costs on a host: a question has two subshells, `timeout`, its shell and `head`, and all of them together one `stat` and one `cat`.
 */
export function frameScript(reads: readonly FrameRead[]): string {
  const jobs = reads.map(({ script, args, timeoutMs }, id) => {
    const run = `timeout -k 1 ${Math.max(0.1, timeoutMs / 1000)} /bin/sh -c ${quote(script)} sh ${quoteAll(args)}`
    return `{ ${run} 2>"$d/${id}.e" </dev/null; echo $? >"$d/${id}.c"; } 2>/dev/null | { head -c ${maxAnswer} >"$d/${id}.o" && : >"$d/${id}.k"; } 2>/dev/null &`
  })
  return `d=
for b in ${places.join(' ')}; do
  d=$(mktemp -d $b/.kubestrap.XXXXXX 2>/dev/null) && echo x 2>/dev/null >"$d/try" && [ -s "$d/try" ] && break
  [ -z "$d" ] || rm -rf -- "$d"
  d=
done
[ -n "$d" ] || { echo 'cannot write to any of ${places.join(', ')}: full, or read-only?' >&2; exit 1; }
trap 'rm -rf -- "$d"' EXIT
trap 'exit 1' HUP INT TERM
${jobs.join('\n')}
wait
n=${reads.length} i=0 out=
set --
while [ $i -lt $n ]; do
  set -- "$@" "$d/$i.o" "$d/$i.e"
  i=$((i + 1))
done
sizes=$([ $n -eq 0 ] || stat -c %s "$@") || exit 1
i=0
set --
for size in $sizes; do
  [ -n "$out" ] || { out=$size; continue; }
  code=
  [ ! -e "$d/$i.k" ] || read -r code <"$d/$i.c"
  [ "$out" -lt ${maxAnswer} ] || code=big
  case $code in
  [0-9]*)
    printf 'KS %s %s %s %s\n' $i "$code" "$out" "$size"
    set -- "$@" "$d/$i.o" "$d/$i.e"
    ;;
  *) printf 'KS %s %s 0 0\n' $i "\${code:-full}" ;;
  esac
  i=$((i + 1)) out=
done
[ $# -eq 0 ] || cat -- "$@"
`
}

/** Answers by question. Throws when the text is not a whole number of answers to `count` questions. */
export function parseFrame(output: Buffer, count: number): FrameAnswer[] {
  const heads: { said: string; out: number; err: number }[] = []
  let at = 0
  for (let id = 0; id < count; id += 1) {
    const end = output.indexOf(10, at)
    const head = /^KS (\d{1,4}) (\d{1,3}|[a-z]+) (\d{1,10}) (\d{1,10})$/.exec(
      output.subarray(at, Math.max(at, Math.min(end, at + 100))).toString(),
    )
    if (!head) throw new Error(`the answer to question ${id} is malformed`)
    const [, first, said = '', out, err] = head
    if (Number(first) !== id) throw new Error(`question ${id} was not answered`)
    heads.push({ said, out: Number(out), err: Number(err) })
    at = end + 1
  }
  const whole = heads.reduce((sum, { out, err }) => sum + out + err, at)
  // something that a question started in the background may still write: nobody knows then what is whose
  if (whole !== output.length)
    throw new Error(whole > output.length ? 'an answer is cut short' : 'an answer is longer than was said')
  return heads.map(({ said, out, err }): FrameAnswer => {
    const problem = /^\d/.test(said) ? undefined : (problems[said] ?? said)
    const [stdout, stderr] = [output.subarray(at, at + out), output.subarray(at + out, at + out + err)]
    at += out + err
    return {
      code: problem === undefined ? Number(said) : 1,
      stdout,
      stderr,
      ...(problem === undefined ? {} : { problem }),
    }
  })
}
