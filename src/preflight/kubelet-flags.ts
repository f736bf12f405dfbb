import type { Machine } from '../cluster/machine.js'
import { UserError } from '../lib/errors.js'
import { systemdWords } from '../lib/systemd-words.js'

/** A flag that an administrator's file gives the kubelet, behind those of kubestrap. */
export interface KubeletFlag {
  /** "node-ip"; of a whole variable of kubestrap's that a file sets anew its name, "KUBELET_KUBEADM_ARGS". */
  name: string
  value: string
  /** The file it stands in. */
  from: string
}

/**
 * Prints the files that the kubelet's unit reads besides those of kubestrap: the administrator's environment file "$1", other drop-ins,
 * and environment files that these name; "@file PATH" or "@unit PATH", and the lines behind a blank. POSIX sh.
 */
export const kubeletFlagsScript = `
show() { [ ! -f "$2" ] || { echo "@$1 $2"; sed 's/^/ /' "$2" || exit 1; echo; }; }
show file "$1"
for c in /usr/lib/systemd/system/kubelet.service.d/*.conf /etc/systemd/system/kubelet.service.d/*.conf; do
  [ "\${c##*/}" != 10-kubeadm.conf ] && [ -f "$c" ] || continue
  show unit "$c"
  files=$(sed -n 's/^[[:space:]]*EnvironmentFile[[:space:]]*=[[:space:]]*-\\{0,1\\}//p' "$c") || exit 1
  for f in $files; do show file "$f"; done
done
echo @end
`

/** The flags in those files. Undefined when the answer is not whole. Pure. */
export function kubeletFlagsIn(answer: string): KubeletFlag[] | undefined {
  const lines = answer.trimEnd().split('\n')
  if (lines.at(-1) !== '@end') return undefined
  const flags: KubeletFlag[] = []
  let from = ''
  let unit = false
  for (const line of lines) {
    if (line.startsWith('@')) {
      unit = line.startsWith('@unit ')
      from = line.slice(line.indexOf(' ') + 1)
    } else if (!/^ \s*(?:[#;]|$)/.test(line)) flags.push(...(unit ? ofUnit : ofVariable)(line.trim(), from))
  }
  return flags
}

/** A line of a drop-in. */
function ofUnit(line: string, from: string): KubeletFlag[] {
  const [, key, value = ''] = /^(ExecStart|Environment)\s*=(.*)$/.exec(line) ?? []
  if (key === 'Environment') return systemdWords(value).flatMap((word) => ofVariable(word, from))
  // what it starts in place of the program has these variables as words, too
  return key === 'ExecStart' ? flagsOf(systemdWords(value), from) : []
}

/** KUBELET_EXTRA_ARGS is the administrator's; the others are kubestrap's (10-kubeadm.conf). */
function ofVariable(line: string, from: string): KubeletFlag[] {
  const [, name, value = ''] = /^(KUBELET_\w+_ARGS)=([\s\S]*)$/.exec(line) ?? []
  if (name === undefined) return []
  if (name !== 'KUBELET_EXTRA_ARGS') return [{ name, value, from }]
  // as systemd reads EnvironmentFile: quotes around the whole
  return flagsOf(systemdWords(systemdWords(value).join(' ')), from)
}

function flagsOf(words: readonly string[], from: string): KubeletFlag[] {
  return words.flatMap((word, i) => {
    const [, name, value] = /^--([A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (name === undefined) return []
    const next = words[i + 1]
    return [
      {
        name: name.replaceAll('_', '-'),
        value: value ?? (next === undefined || next.startsWith('-') ? 'true' : next),
        from,
      },
    ]
  })
}

/** Asks each node for them; 'unknown' of one that does not tell. */
export async function lookForKubeletFlags(
  nodes: readonly Machine[],
): Promise<ReadonlyMap<string, readonly KubeletFlag[] | 'unknown'>> {
  const looks = nodes.map(async ({ spec, host, os }) => {
    const flags = await host
      .read({
        what: "look for the administrator's flags of the kubelet",
        script: kubeletFlagsScript,
        args: [os.kubeletDefaults],
      })
      .then(({ code, stdout }) => (code === 0 ? kubeletFlagsIn(stdout.toString()) : undefined))
      .catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error
        return undefined
      })
    return [spec.name, flags ?? 'unknown'] as const
  })
  return new Map(await Promise.all(looks))
}
