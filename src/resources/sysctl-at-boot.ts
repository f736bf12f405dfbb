import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

/** The last of the files that systemd-sysctl reads: the directories' files are sorted by name (sysctl.d(5)). */
const lastFile = '/etc/sysctl.d/zz-kubestrap.conf'

interface Contested {
  key: string
  value: string
  /** The file whose line wins. */
  by: string
}

/**
 * What systemd-sysctl would read at the next boot, in its order, each file under a line "# PATH"; where it cannot
 * tell (before systemd 238), the files are put in order here. POSIX sh.
 */
const catConfig = `
for p in /usr/lib/systemd/systemd-sysctl /lib/systemd/systemd-sysctl; do
  [ -x "$p" ] && "$p" --cat-config 2>/dev/null && { echo; echo @end; exit 0; }
done
dirs='/etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d'
for d in $dirs; do ls "$d" 2>/dev/null; done | grep '\\.conf$' | sort -u | while IFS= read -r n; do
  for d in $dirs; do
    [ -e "$d/$n" ] || continue
    echo "# $d/$n"; cat -- "$d/$n" 2>/dev/null; echo
    break
  done
done
echo @end
`

/** Of `values` those that another line sets last, or that none sets. Pure. Throws an Error when the text is cut. */
export function contested(text: string, values: Readonly<Record<string, string>>): Contested[] {
  const lines = text.trimEnd().split('\n')
  if (lines.at(-1) !== '@end') throw new Error('the answer is cut short')
  const last = new Map<string, { value: string; by: string }>()
  let by = ''
  for (const line of lines.slice(0, -1)) {
    by = /^# (\/\S+\.conf)$/.exec(line)?.[1] ?? by
    const [, name, value = ''] = /^\s*-?\s*([^#;\s=][^\s=]*)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined) continue
    // of "a/b.c" the slash parts, of "a.b" the dot (sysctl.d(5)); a glob gives way to a name that is whole
    const key = name.includes('/') && !/^[^/]*\./.test(name) ? name.replaceAll('/', '.') : name
    last.set(key, { value, by })
  }
  return Object.entries(values).flatMap(([key, value]) => {
    const set = last.get(key)
    return set && set.value !== value ? [{ key, value: set.value, by: set.by }] : []
  })
}

/**
 * Kernel parameters as the next boot will set them: Debian's /etc/sysctl.conf is read as 99-sysctl.conf, after
 * our own file. Where another file has the last word, ours says it once more after all of them.
 */
export function sysctlAtBoot(
  host: Host,
  values: Readonly<Record<string, string>>,
  needs: readonly Need[],
): Step<readonly Contested[]> {
  return {
    id: 'sysctl-at-boot',
    title: 'kernel parameters after a reboot',
    target: host.name,
    needs,
    probe: async () => {
      const answer = await host.read({ what: 'read sysctl.d', script: catConfig, timeoutMs: 15_000 })
      if (answer.code !== 0)
        throw new UserError('step', 'cannot read sysctl.d', { host: host.name, why: answer.stderr })
      return contested(answer.stdout.toString(), values)
    },
    diff: (found) =>
      found.map(({ key, value, by }) => ({
        kind: 'update',
        summary: `set ${key} = ${values[key]} at boot (${by} sets ${value} after ours)`,
      })),
    apply: () =>
      host.write({
        path: lastFile,
        content: `# after all others: one of them says otherwise\n${Object.entries(values)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}`,
        mode: '0644',
      }),
  }
}
