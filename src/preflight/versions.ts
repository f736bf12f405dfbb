import { type Context, runtimeSettings } from '../cluster/context.js'
import { isEtcdHost, isNode, type Machine } from '../cluster/machine.js'
import { UserError } from '../lib/errors.js'

/** What runs on a machine or would be installed there: "1.6.20", as it says; '' when it did not say. */
export interface Versions {
  runtime?: string
  etcd?: string
}

interface Look {
  of: keyof Versions
  /** What it is where the host does not tell. */
  otherwise?: string | undefined
  machine: Machine
  script: string
  args: readonly string[]
}

/** Prints the version of etcd that is there, else of the package "$1" that would be installed. */
const etcdScript = (offeredVersion: string): string => `
offered() {
${offeredVersion}
}
if command -v etcd >/dev/null; then etcd --version; else offered "$1"; fi`

/**
 * Which versions of what Kubernetes has demands on are on each machine, or would come there by package: the runtime of
 * nodes, etcd of hosts with the role etcd. By host name; 'unknown': no answer. One round trip.
 */
export async function lookAtVersions(
  context: Context,
  wanted: (machine: Machine) => boolean,
): Promise<ReadonlyMap<string, Versions | 'unknown'>> {
  const { runtime, spec, machines } = context
  // a release that is downloaded is of a version of its own, whatever is there
  const releasedOn = (machine: Machine): string | undefined => runtimeSettings(context, machine).version
  const looks = machines.filter(wanted).flatMap((machine): Look[] => {
    const { os } = machine
    if (isNode(machine) && runtime.versionLook && releasedOn(machine) === undefined)
      return [
        {
          machine,
          of: 'runtime',
          otherwise:
            runtime.id === 'containerd' && machine.spec.os.repositories.length === 0
              ? os.containerd
              : undefined,
          ...runtime.versionLook(os),
        },
      ]
    if (isEtcdHost(machine) && spec.etcd.install.from === 'package')
      return [
        {
          machine,
          of: 'etcd',
          script: etcdScript(os.offeredVersion),
          args: [os.packages.etcd[0] ?? ''],
        },
      ]
    return []
  })
  const told = machines
    .filter((machine) => wanted(machine) && isNode(machine))
    .flatMap((machine): [string, Versions][] => {
      const version = releasedOn(machine)
      return version === undefined ? [] : [[machine.spec.name, { runtime: version }]]
    })
  return new Map([...told, ...(await Promise.all(looks.map(asked)))])
}

async function asked({
  machine: { host },
  of,
  otherwise,
  script,
  args,
}: Look): Promise<[string, Versions | 'unknown']> {
  try {
    const answer = await host.read({
      what: `look for the version of the ${of === 'etcd' ? 'etcd package' : 'container runtime'}`,
      logged: true,
      script,
      args: [...args],
      timeoutMs: 30_000,
    })
    return [host.name, { [of]: numbersIn(answer.stdout.toString()) || (otherwise ?? '') }]
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return [host.name, 'unknown']
  }
}

/** "containerd github.com/containerd/containerd 1.6.20~ds1", "2:1.7.24-1", "etcd Version: 3.4.23": the first version in it. */
export function numbersIn(said: string): string {
  return /(?:^|[\s:])v?(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? ''
}
