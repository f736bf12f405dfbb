import { catalog } from '../catalog.js'
import { readFacts } from '../host/facts/read-facts.js'
import { readMembership } from '../host/facts/read-membership.js'
import type { Operator } from '../host/operator.js'
import { createHost } from '../host/remote-host.js'
import { resolveAddress } from '../host/resolve-address.js'
import { sshConnection } from '../host/ssh/ssh-connection.js'
import type { SshSpec } from '../host/ssh-spec.js'
import type { Look, Sight } from '../inventory/new/sight.js'
import type { HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { unfitHost } from '../os/unfit.js'

/** A machine that has no place in an inventory yet. */
export interface Stranger {
  /** What messages call it. */
  name: string
  /** Where it was named. */
  at: string
  ssh: SshSpec
}

/** How a look at a machine ended, and why it failed where it did. */
export interface LookedAt {
  look: Look
  error: UserError | undefined
}

/**
 * Looks at machines, all at once; nothing is changed on them, and nothing needs root. A machine that cannot be looked
 * at is a result, any other failure is thrown.
 * @param operator undefined: no machine is connected to, names are resolved alone
 */
export function lookAtMachines(
  machines: readonly Stranger[],
  operator: Operator | undefined,
): Promise<LookedAt[]> {
  return Promise.all(
    machines.map(async (machine): Promise<LookedAt> => {
      const dialled = await resolveAddress(machine.ssh)
      if (operator === undefined) return { look: { kind: 'unseen', tried: false, dialled }, error: undefined }
      try {
        return { look: { kind: 'seen', sight: await sightOf(machine, operator), dialled }, error: undefined }
      } catch (error) {
        if (!(error instanceof UserError) || error.kind === 'interrupted') throw error
        return { look: { kind: 'unseen', tried: true, dialled }, error }
      }
    }),
  )
}

async function sightOf({ name, at, ssh }: Stranger, operator: Operator): Promise<Sight> {
  const spec: HostSpec = {
    name,
    at,
    ssh,
    address: ssh.host,
    roles: [],
    groups: [],
    connection: 'ssh',
    os: { like: undefined, repositories: [], hold: false },
    timeSync: undefined,
    firewall: undefined,
    state: 'up',
    labels: {},
    taints: [],
    kubeletConfig: {},
    kubeletExtraArgs: {},
    origins: {},
  }
  // as the login user: what an inventory needs can be seen without root
  const host = createHost(name, sshConnection(spec, { become: async () => 'none', operator }))
  try {
    // both in one frame
    const [facts, membership] = await Promise.all([readFacts(host, Date.now, []), readMembership(host)])
    return {
      hostname: facts.hostname,
      system: facts.os.name,
      unfit: unfitHost(catalog.systems, facts),
      cgroup: facts.cgroup,
      arch: facts.arch,
      addresses: facts.interfaces
        .filter(({ name }) => !virtual.test(name))
        .flatMap(({ addresses }) => addresses),
      defaultAddress: facts.defaultAddress,
      ...membership,
    }
  } finally {
    await host.close()
  }
}

/** Interfaces of containers, virtual machines and Pods: their addresses are the machine's own affair. */
const virtual = /^(?:lo|docker\d*|cni\d*|veth.*|br-.*|virbr.*|flannel.*|cali.*|kube-.*)$/
