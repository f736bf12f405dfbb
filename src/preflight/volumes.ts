import { type Context, controlPlanes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { isWithin, planeVolumes } from '../cluster/plane-volumes.js'
import { staticPods } from '../kubernetes/manifests/static-pods.js'
import { listAt, textAt } from '../kubernetes/read.js'
import { UserError } from '../lib/errors.js'
import type { Check, Problem } from './check.js'

/** What a kubelet looks for before it starts a Pod with such a volume (pkg/volume/hostpath, checkType). */
const tests: Readonly<Record<string, string>> = {
  Directory: '-d',
  File: '-f',
  Socket: '-S',
  CharDevice: '-c',
  BlockDevice: '-b',
}

/** Prints the place of each pair TEST PATH that does not hold, and "@end". POSIX sh. */
const script = `
i=0
while [ $# -gt 0 ]; do
  test "$1" "$2" || echo "$i"
  i=$((i + 1)); shift 2
done
echo @end
`

/** By name of a control plane node: what is not there of what extraVolumes expect; 'unknown': no answer. Empty where they expect nothing. */
export type VolumesSeen = ReadonlyMap<string, readonly string[] | 'unknown'>

/** Asks control plane nodes for the paths of extraVolumes that must be there. One round trip, none where there are none. */
export async function lookForVolumes(context: Context): Promise<VolumesSeen> {
  const all = planeVolumes(context.spec)
  const written = all.flatMap(({ volume: { hostPath, source } }) => (source === undefined ? [] : [hostPath]))
  const wanted = all.flatMap(({ pod, volume: { hostPath, pathType } }) => {
    const test = written.some((path) => isWithin(path, hostPath)) ? undefined : tests[pathType]
    return test === undefined ? [] : [{ test, hostPath, words: `${hostPath} (${pathType}, of ${pod})` }]
  })
  if (wanted.length === 0) return new Map()
  const args = wanted.flatMap(({ test, hostPath }) => [test, hostPath])
  return new Map(
    await Promise.all(
      controlPlanes(context).map(async ({ spec, host }): Promise<[string, readonly string[] | 'unknown']> => {
        const lines = await host
          .read({ what: 'look for paths of extraVolumes', script, args })
          .then(({ code, stdout }) => (code === 0 ? stdout.toString().trimEnd().split('\n') : []))
          .catch((error: unknown) => {
            if (!(error instanceof UserError)) throw error
            return []
          })
        if (lines.pop() !== '@end') return [spec.name, 'unknown']
        return [spec.name, lines.flatMap((line) => wanted[Number(line)]?.words ?? [])]
      }),
    ),
  )
}

export const volumeChecks: readonly Check[] = [
  {
    name: 'ExtraVolumes',
    about:
      'Paths of extraVolumes that have a pathType are there, and no volume has the name or the mountPath of another one: the kubelet would not start the static Pod.',
    run: (context, { volumes }) => [
      ...controlPlanes(context).flatMap((machine) => twice(context, machine)),
      ...[...volumes].flatMap(([host, missing]) => {
        if (missing === 'unknown')
          return [
            {
              host,
              severity: 'error' as const,
              what: 'could not check the paths of extraVolumes',
              next: 'run again; or ignore ExtraVolumes',
            },
          ]
        return missing.length === 0
          ? []
          : [
              {
                host,
                severity: 'error' as const,
                what: `paths of extraVolumes are missing, or not of their pathType: ${missing.join('; ')}`,
                next: 'create them on each control plane node, name a local file as source, or set pathType: DirectoryOrCreate',
              },
            ]
      }),
    ],
  },
]

/** Volumes of one name, or at one place, of which one is kubeadm's own: the kubelet takes no such Pod. */
function twice({ spec }: Context, machine: Machine): Problem[] {
  const { caDirectories } = machine.facts
  const pods = staticPods(spec, machine.spec, machine.release.wanted, { caDirectories })
  return planeVolumes(spec).flatMap(({ pod, key, volume: { name, mountPath } }) => {
    const mounts = listAt(pods.get(pod), 'spec', 'containers', 0, 'volumeMounts').map((one) => ({
      name: textAt(one, 'name'),
      at: textAt(one, 'mountPath').replace(/(?<=.)\/$/, ''),
    }))
    const place = mountPath.replace(/(?<=.)\/$/, '')
    const named = mounts.filter((one) => one.name === name).length > 1
    if (!named && mounts.filter(({ at }) => at === place).length < 2) return []
    return [
      {
        host: machine.spec.name,
        severity: 'error' as const,
        what: `${pod} has ${named ? `a volume ${name}` : `something mounted at ${place}`} already, as kubeadm makes the Pod (extraVolumes.${name}, ${spec.at(key)})`,
        next: named ? 'give the volume another name' : 'give the volume another mountPath',
      },
    ]
  })
}
