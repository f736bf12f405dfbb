import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { isWithin, planeComponents, planeVolumes, sourcedVolumes } from '../cluster/plane-volumes.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'

/** Flags of components that name a file of an API of its own. */
const flags = {
  'kube-apiserver': [
    'admission-control-config-file',
    'audit-policy-file',
    'authentication-config',
    'authorization-config',
    'egress-selector-config-file',
    'encryption-provider-config',
    'tracing-config-file',
  ],
  'kube-controller-manager': [],
  'kube-scheduler': ['config'],
} as const satisfies Record<(typeof planeComponents)[number][0], readonly string[]>

/** A configuration file of a component, and the API versions that stand in it. */
export interface ConfigurationFile {
  component: keyof typeof flags
  flag: string
  /** Path on the node. */
  path: string
  apiVersions: readonly string[]
}

type Named = Omit<ConfigurationFile, 'apiVersions'>

/** Configuration files that flags of the inventory name: where they lie on the nodes; those that no volume of the inventory holds are left out. */
export function configurationFiles(spec: ClusterSpec): Named[] {
  return planeComponents.flatMap(([component, key]) =>
    flags[component].flatMap((flag): Named[] => {
      const named = spec[key].extraArgs[flag]
      const path = named === undefined ? undefined : onNode(spec, component, named)
      return path === undefined ? [] : [{ component, flag, path }]
    }),
  )
}

/** Where a path of a container lies on the node. */
function onNode(spec: ClusterSpec, component: Named['component'], named: string): string | undefined {
  const pki = '/etc/kubernetes/pki'
  const mounts = [
    { hostPath: pki, mountPath: pki },
    ...planeVolumes(spec).flatMap(({ pod, volume }) => (pod === component ? [volume] : [])),
  ]
    .map(({ hostPath, mountPath }) => [hostPath, mountPath].map((path) => path.replace(/\/$/, '')))
    // a mount within another one covers it
    .sort(([, a = ''], [, b = '']) => b.length - a.length)
  for (const [hostPath = '', mountPath = ''] of mounts)
    if (isWithin(named, mountPath)) return `${hostPath}${named.slice(mountPath.length)}`
  return undefined
}

/** Where an object of YAML or JSON says its API version; the rest of a file may hold keys, and stays on its host. */
const expression = `["']?apiVersion["']?[[:space:]]*:[[:space:]]*["']?[A-Za-z0-9./-]+`

/** Prints "@", and what matches "$1", for each file, and "@end". A file in which nothing does is none of a component. POSIX sh, and grep's -o. */
const script = `
expression=$1; shift
for file; do
  echo @
  head -c 1048576 -- "$file" | grep -v '^[[:space:]]*#' | grep -oE -- "$expression" || exit 1
done
echo @end
`

/**
 * The API versions of a control plane node's configuration files: of those that have a source as it would be written, of others as they
 * lie there. Throws UserError where one cannot be read.
 */
export async function readConfigurationFiles(
  { spec, volumeFiles }: Context,
  { host }: Machine,
): Promise<ConfigurationFile[]> {
  const sources = new Map(
    sourcedVolumes(spec).flatMap(({ hostPath, source }) => {
      const content = volumeFiles.get(source)
      return content === undefined ? [] : [[hostPath, content.reveal()] as const]
    }),
  )
  const files = configurationFiles(spec)
  const there = files.filter(({ path }) => !sources.has(path))
  const parts = there.length === 0 ? [] : await partsOf(host, there)
  return files.map((file) => ({
    ...file,
    apiVersions: versionsIn(sources.get(file.path) ?? parts[there.indexOf(file)] ?? ''),
  }))
}

async function partsOf(host: Machine['host'], files: readonly Named[]): Promise<string[]> {
  const answer = await host.read({
    what: 'read the API versions of configuration files',
    script,
    args: [expression, ...files.map(({ path }) => path)],
  })
  const [, ...parts] = answer.stdout.toString().split(/^@\n/m)
  if (answer.code === 0 && parts.length === files.length && parts.at(-1)?.endsWith('@end\n')) return parts
  const file = files[Math.max(0, parts.length - 1)]
  throw new UserError(
    'step',
    `${file?.path}, which ${file?.component} reads (--${file?.flag}), cannot be read`,
    {
      host: host.name,
      why: answer.stderr.trim() || 'no apiVersion stands in it',
      next: 'check the file, or remove the flag',
    },
  )
}

/** The API versions that a text says, each once. Pure. */
const versionsIn = (text: string): string[] => [
  ...new Set(
    [
      ...text
        .replaceAll(/^\s*#.*$/gm, '')
        .matchAll(/["']?apiVersion["']?\s*:\s*["']?([A-Za-z0-9./-]{1,100})/g),
    ].map(([, version = '']) => version),
  ),
]
