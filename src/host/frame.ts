import { groupBy } from '../lib/group-by.js'
import { quote, quoteAll } from './quote.js'
import { heredocEnd } from './wire.js'

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

/** What timeout(1) exits with when the deadline ended its command, and what a question is then answered with. */
export const stoppedCode = 124

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
 * costs on a host: a question has its shell, two more around it and `head`, and a deadline that it shares with none its
 * `timeout`; all of them together have one `stat` and one `cat`.
 */
export function frameScript(reads: readonly FrameRead[]): string {
  const byDeadline = groupBy(
    reads.map((read, id) => ({ ...read, id })),
    ({ timeoutMs }) => String(Math.max(0.1, timeoutMs / 1000)),
  )
  const jobs = [...byDeadline].map(([seconds, those]) => {
    const [one, other] = those
    return one && !other ? alone(one, seconds) : together(those, seconds)
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
  if [ -e "$d/$i.t" ]; then code=${stoppedCode}
  elif [ -e "$d/$i.k" ]; then read -r code <"$d/$i.c"
  fi
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

type Numbered = FrameRead & { id: number }

/** Runs a question in the background; its answer, what it said besides, and its code go into a directory. */
const asked = (run: string, directory: string, id: number): string =>
  `{ ${run} 2>"${directory}/${id}.e" </dev/null 3<&-; echo $? >"${directory}/${id}.c"; } 2>/dev/null | { head -c ${maxAnswer} >"${directory}/${id}.o" && : >"${directory}/${id}.k"; } 2>/dev/null 3<&- &`

const alone = ({ script, args, id }: Numbered, seconds: string): string =>
  asked(`timeout -k 1 ${seconds} /bin/sh -c ${quote(script)} sh ${quoteAll(args)}`, '$d', id)

/**
 * Those of one deadline share its `timeout`, and a shell in which each is a subshell. At the deadline that shell becomes a process
 * that stays until `timeout` kills all that they started: it watches no process but this one, and of uutils (Ubuntu 26.04) it kills
 * no other, so nothing else may be left that holds the output.
 */
function together(those: readonly Numbered[], seconds: string): string {
  const script = those
    .map(({ script, args, id }) => asked(`(eval ${quote(`set -- ${quoteAll(args)}\n${script}`)})`, '$1', id))
    .join('\n')
  const end = heredocEnd(script)
  return `{
timeout -k 1 ${seconds} /bin/sh -c '. /dev/fd/3' sh "$d" 3<<'${end}'
trap 'trap "" TERM; exec sleep 60' TERM
${script}
wait
${end}
case $? in 0) ;; *)
  for i in ${those.map(({ id }) => id).join(' ')}; do
    [ -s "$d/$i.c" ] && [ -e "$d/$i.k" ] || { : >"$d/$i.t"; : >>"$d/$i.o"; : >>"$d/$i.e"; }
  done
esac
} </dev/null 2>/dev/null &`
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
