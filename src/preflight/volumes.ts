import { type Context, controlPlanes } from '../cluster/context.js'
import { planeVolumes } from '../cluster/plane-volumes.js'
import { UserError } from '../lib/errors.js'
import type { Check } from './check.js'

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
  const wanted = planeVolumes(context.spec).flatMap(({ pod, volume: { hostPath, pathType, source } }) => {
    const test = source === undefined ? tests[pathType] : undefined
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
      'Paths of extraVolumes that have a pathType are there: the kubelet does not start a static Pod without them.',
    run: (_context, { volumes }) =>
      [...volumes].flatMap(([host, missing]) => {
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
  },
]
