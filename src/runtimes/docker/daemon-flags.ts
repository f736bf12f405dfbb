import { UserError } from '../../lib/errors.js'
import { systemdWords } from '../../lib/systemd-words.js'

/**
 * Prints where dockerd gets its flags from: what systemd will run, or, before there is a unit, what its package
 * will read. POSIX sh; "@exec", "@environment" and "@file PATH" open sections.
 */
export const daemonFlagsScript = `
file() { [ ! -f "$1" ] || { echo "@file $1"; cat -- "$1" || exit 1; echo; }; }
unit=$(systemctl show -p LoadState -p ExecStart -p Environment -p EnvironmentFiles docker.service) || exit 1
if printf '%s\\n' "$unit" | grep -qx LoadState=loaded; then
  echo @exec; printf '%s\\n' "$unit" | sed -n 's/^ExecStart=//p'
  echo @environment; printf '%s\\n' "$unit" | sed -n 's/^Environment=//p'
  printf '%s\\n' "$unit" | sed -n 's/^EnvironmentFiles=\\([^ ]*\\) (.*/\\1/p' |
    while IFS= read -r f; do file "$f"; done || exit 1
else
  for f in /etc/systemd/system/docker.service.d/*.conf /etc/default/docker /etc/sysconfig/docker; do file "$f"; done
fi
echo @end
`

/** A setting on dockerd's command line. */
export interface DaemonFlag {
  /** "log-driver" */
  name: string
  value: string
  /** Where it stands: "/etc/default/docker", "docker.service". */
  from: string
}

/**
 * The flags dockerd gets besides daemon.json, with the file each stands in. Throws an Error when the answer is
 * not whole. Pure.
 */
export function daemonFlags(answer: string): DaemonFlag[] {
  const lines = answer.trimEnd().split('\n')
  if (lines.at(-1) !== '@end')
    throw new Error('cannot read the flags of docker.service: the answer is cut short')
  const variables = new Map<string, { value: string; from: string }>()
  const commands: { words: string[]; from: string }[] = []
  let from = ''
  let drop = false
  for (const line of lines.slice(0, -1)) {
    if (line.startsWith('@')) {
      from = line.startsWith('@file ') ? line.slice(6) : line === '@exec' ? 'docker.service' : line
      drop = from.endsWith('.conf')
      continue
    }
    if (from === 'docker.service') {
      const [, argv] = /argv\[\]=(.*?) ; ignore_errors=/.exec(line) ?? []
      if (argv !== undefined) commands.push({ words: systemdWords(argv), from })
    } else if (from === '@environment') {
      for (const word of systemdWords(line)) assign(variables, word, 'Environment= of docker.service')
    } else if (drop) {
      const [, key, value = ''] = /^\s*(ExecStart|Environment)\s*=(.*)$/.exec(line) ?? []
      if (key === 'ExecStart' && value.trim() !== '') commands.push({ words: systemdWords(value), from })
      if (key === 'Environment') for (const word of systemdWords(value)) assign(variables, word, from)
    } else if (!/^\s*(?:#|;|$)/.test(line)) assign(variables, systemdWords(line).join(' '), from)
  }
  // what the packages of Debian and of Red Hat run, where there is no unit yet
  if (!commands.some((one) => one.from === 'docker.service'))
    commands.push({ words: ['$DOCKER_OPTS', '$OPTIONS'], from: 'docker.service' })
  return commands.flatMap(({ words, from: origin }) => flagsOf(words, origin, variables))
}

function assign(variables: Map<string, { value: string; from: string }>, word: string, from: string): void {
  const [, name, value] = /^(?:export )?([A-Za-z_]\w*)=([\s\S]*)$/.exec(word) ?? []
  if (name !== undefined && value !== undefined) variables.set(name, { value, from })
}

function flagsOf(
  words: readonly string[],
  from: string,
  variables: ReadonlyMap<string, { value: string; from: string }>,
): DaemonFlag[] {
  const spread = words.flatMap((word): { word: string; from: string }[] => {
    const [, name] = /^\$\{?([A-Za-z_]\w*)\}?$/.exec(word) ?? []
    const variable = name === undefined ? undefined : variables.get(name)
    if (name === undefined) return [{ word, from }]
    return variable ? systemdWords(variable.value).map((one) => ({ word: one, from: variable.from })) : []
  })
  return spread.flatMap(({ word, from: origin }, i) => {
    const [, name, value] = /^--([a-z][a-z-]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (name === undefined) return []
    const next = spread[i + 1]?.word ?? ''
    return [{ name, value: value ?? (next.startsWith('-') ? '' : next), from: origin }]
  })
}

/** Keys of daemon.json that have a flag of another name (Docker's documentation of daemon.json). */
const keys: Readonly<Record<string, string>> = {
  'exec-opt': 'exec-opts',
  'log-opt': 'log-opts',
  'registry-mirror': 'registry-mirrors',
  'insecure-registry': 'insecure-registries',
}

/** The key of daemon.json that a flag stands for. */
export const keyOf = ({ name }: DaemonFlag): string => keys[name] ?? name

/**
 * Docker does not start with a setting "specified both as a flag and in the configuration file": throws
 * UserError('step') for the first of `wanted` keys that a flag has already.
 */
export function refuseFlags(flags: readonly DaemonFlag[], wanted: readonly string[], host: string): void {
  const taken = flags.find((flag) => wanted.includes(keyOf(flag)))
  if (!taken) return
  throw new UserError(
    'step',
    `dockerd is given --${taken.name}, which /etc/docker/daemon.json needs to set`,
    {
      host,
      why: `${taken.from} has --${taken.name}=${taken.value}; Docker does not start with ${keyOf(taken)} in both`,
      next: `move it from ${taken.from} to ${JSON.stringify(keyOf(taken))} in /etc/docker/daemon.json`,
    },
  )
}
