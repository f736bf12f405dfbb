import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

const path = (key: string): string => `/proc/sys/${key.replaceAll('.', '/')}`

/** Kernel parameters that must hold now; keeping them over a reboot is a file's business. */
export function sysctl(
  host: Host,
  values: Readonly<Record<string, string>>,
  needs?: readonly Need[],
): Step<Readonly<Record<string, string>>> {
  const keys = Object.keys(values)
  return {
    id: `sysctl:${keys[0]?.split('.')[0] ?? ''}`,
    title: 'kernel parameters',
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: async () => {
      const answer = await host.read({
        script: 'for f in "$@"; do if [ -e "$f" ]; then cat "$f" || exit 1; else echo absent; fi; done',
        args: keys.map(path),
      })
      if (answer.code !== 0)
        throw new UserError('step', 'cannot read kernel parameters', {
          host: host.name,
          why: answer.stderr.trim(),
        })
      const lines = answer.stdout.toString().trim().split('\n')
      return Object.fromEntries(keys.map((key, i) => [key, lines[i]?.trim() ?? 'absent']))
    },
    diff: (now) =>
      keys
        .filter((key) => now[key] !== values[key])
        .map((key) => ({ kind: 'update', summary: `set ${key} = ${values[key]} (is ${now[key]})` })),
    apply: async () => {
      await host.mutate({
        what: `set ${keys.join(', ')}`,
        script: 'while [ $# -gt 0 ]; do printf "%s\\n" "$2" > "$1" || exit 1; shift 2; done',
        args: keys.flatMap((key) => [path(key), values[key] ?? '']),
        timeoutMs: 10_000,
      })
    },
  }
}
