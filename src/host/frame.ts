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
 * A script that asks several questions at once. Each runs by itself under its own deadline and
 * answers as soon as it has ended: `KS id code outlength errlength`, then both outputs as they are.
 * A lock keeps answers whole; one that hangs holds up nobody. What a question says goes through a pipe, and the
 * program that writes it down says whether it could: a script does not notice that a disk is full, and half an
 * answer, or none, would be taken for one. The code is then a word of `problems`.
 */
export function frameScript(reads: readonly FrameRead[]): string {
  const jobs = reads.map(({ script, args, timeoutMs }, id) => {
    const run = `timeout -k 1 ${Math.max(0.1, timeoutMs / 1000)} /bin/sh -c ${quote(script)} sh ${quoteAll(args)}`
    return `( c=$({ { ${run} 2>"$d/${id}.e" </dev/null 4>&-; echo $? >&4; } | head -c ${maxAnswer} >"$d/${id}.o" || echo full >&4; } 4>&1 2>/dev/null); emit ${id} $c ) &`
  })
  return `d=
for b in ${places.join(' ')}; do
  d=$(mktemp -d $b/.kubestrap.XXXXXX 2>/dev/null) && echo x 2>/dev/null >"$d/lock" && [ -s "$d/lock" ] && break
  [ -z "$d" ] || rm -rf -- "$d"
  d=
done
[ -n "$d" ] || { echo 'cannot write to any of ${places.join(', ')}: full, or read-only?' >&2; exit 1; }
trap 'rm -rf -- "$d"' EXIT
trap 'exit 1' HUP INT TERM
emit() { # id code problem
  {
    flock 9
    sizes=$(stat -c %s "$d/$1.o" "$d/$1.e")
    case $sizes in ${maxAnswer}*) set -- "$1" "$2" big ;; esac
    if [ -n "$3" ]; then printf 'KS %s %s 0 0\\n' "$1" "$3"; return; fi
    printf 'KS %s %s %s %s\\n' "$1" "$2" $sizes
    cat "$d/$1.o" "$d/$1.e"
  } 9>>"$d/lock"
}
${jobs.join('\n')}
wait
`
}

/** Answers by question. Throws when the text is not a whole number of answers to `count` questions. */
export function parseFrame(output: Buffer, count: number): FrameAnswer[] {
  const answers: (FrameAnswer | undefined)[] = new Array(count).fill(undefined)
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(10, at)
    const head = /^KS (\d{1,4}) (\d{1,3}|[a-z]+) (\d{1,10}) (\d{1,10})$/.exec(
      output.subarray(at, Math.min(end, at + 100)).toString(),
    )
    if (end < 0 || !head) throw new Error('an answer is malformed')
    const [, first, said = '', ...lengths] = head
    const id = Number(first)
    const [out = 0, err = 0] = lengths.map(Number)
    const body = end + 1
    if (id >= count || body + out + err > output.length) throw new Error('an answer is cut short')
    if (answers[id]) throw new Error(`question ${id} was answered twice`)
    const problem = /^\d/.test(said) ? undefined : (problems[said] ?? said)
    answers[id] = {
      code: problem === undefined ? Number(said) : 1,
      stdout: output.subarray(body, body + out),
      stderr: output.subarray(body + out, body + out + err),
      ...(problem === undefined ? {} : { problem }),
    }
    at = body + out + err
  }
  return answers.map((answer, id) => {
    if (!answer) throw new Error(`question ${id} was not answered`)
    return answer
  })
}
