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
}

/**
 * A script that asks several questions at once. Each runs by itself under its own deadline and
 * answers as soon as it has ended: `KS id code outlength errlength`, then both outputs as they are.
 * A lock keeps answers whole; one that hangs holds up nobody.
 */
export function frameScript(reads: readonly FrameRead[]): string {
  const jobs = reads.map(({ script, args, timeoutMs }, id) => {
    const run = `timeout -k 1 ${Math.max(0.1, timeoutMs / 1000)} /bin/sh -c ${quote(script)} sh ${quoteAll(args)}`
    return `( ${run} >"$d/${id}.o" 2>"$d/${id}.e" </dev/null; emit ${id} $? ) &`
  })
  return `d=$(mktemp -d /run/.kubestrap.XXXXXX 2>/dev/null || mktemp -d /tmp/.kubestrap.XXXXXX) || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM
emit() {
  {
    flock 9
    printf 'KS %s %s %s %s\\n' "$1" "$2" $(stat -c %s "$d/$1.o" "$d/$1.e")
    cat "$d/$1.o" "$d/$1.e"
  } 9>"$d/lock"
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
    const head = /^KS (\d+) (\d+) (\d+) (\d+)$/.exec(output.subarray(at, end).toString())
    if (end < 0 || !head) throw new Error('an answer does not begin where it should')
    const [id = 0, code = 0, out = 0, err = 0] = head.slice(1).map(Number)
    const body = end + 1
    if (id >= count || body + out + err > output.length) throw new Error('an answer is cut short')
    answers[id] = {
      code,
      stdout: output.subarray(body, body + out),
      stderr: output.subarray(body + out, body + out + err),
    }
    at = body + out + err
  }
  return answers.map((answer, id) => {
    if (!answer) throw new Error(`question ${id} was not answered`)
    return answer
  })
}
