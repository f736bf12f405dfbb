import { homedir } from 'node:os'
import { join } from 'node:path'
import { adminConf } from '../cluster/kube-access.js'
import { openHost } from '../host/open-host.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import {
  type Administrator,
  administratorOf,
  adminKubeconfig,
  operatorServer,
} from '../operations/admin-kubeconfig.js'
import { mergeKubeconfig } from '../operations/merge-kubeconfig.js'
import { changeUserFile } from '../operations/user-file.js'
import { print, printSecret, tell } from '../ui/screen.js'
import { type Command, inventoryOption, text } from './command.js'
import { endpointLine, resolvesHere } from './endpoint-hint.js'
import { inventoryOf } from './inventory.js'

export const kubeconfigCommand: Command = {
  name: 'kubeconfig',
  about: "Print the administrator's kubeconfig, or merge it into your own.",
  example: 'kubestrap kubeconfig -i inventory.yaml --merge --name prod',
  options: {
    ...inventoryOption,
    merge: {
      type: 'boolean',
      default: false,
      describe: 'merge it into your kubeconfig and make it the current context',
    },
    name: {
      type: 'string',
      describe: "name of the context; default: the cluster's name, or the endpoint's if that is kubernetes",
      requiresArg: true,
    },
    kubeconfig: {
      type: 'string',
      describe: 'file to merge into; default: the first of $KUBECONFIG, or ~/.kube/config',
      requiresArg: true,
    },
    server: {
      type: 'string',
      describe:
        "HOST[:PORT] by which you reach the API, where it is not the cluster's endpoint: a tunnel, an address outside",
      requiresArg: true,
    },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const given = text(values, 'server')
    const server = operatorServer(spec, given)
    const administrator = await administrators(spec, server)
    if (given === '') await hintAtName(spec)
    if (values.merge !== true) {
      // the one place that prints a key: it is what was asked for
      printSecret(adminKubeconfig(administrator, spec.clusterName))
      return 0
    }
    const file =
      text(values, 'kubeconfig') ||
      process.env.KUBECONFIG?.split(':')[0] ||
      join(homedir(), '.kube', 'config')
    const name = text(values, 'name') || nameOf(spec)
    await changeUserFile(file, (existing) => mergeKubeconfig(existing, administrator, name))
    print(`${file}: context ${name}, now current\n`)
    return 0
  },
}

/** The endpoint's name is known to the nodes by their /etc/hosts; kubectl runs here. */
async function hintAtName(spec: ClusterSpec): Promise<void> {
  const { host } = spec.endpoint
  const line = endpointLine(spec)
  if (line === undefined) return
  if (!(await resolvesHere(host)))
    tell(
      `note: ${host} is not known on this machine. For kubectl here: echo '${line}' >>/etc/hosts, or --server HOST[:PORT] where you reach the API by another name\n`,
    )
}

const nameOf = ({ clusterName, endpoint }: ClusterSpec): string =>
  clusterName === 'kubernetes' ? endpoint.host : clusterName

/** admin.conf of the first control plane that has it, checked; one that is away is passed over. */
async function administrators(spec: ClusterSpec, server: Administrator['server']): Promise<Administrator> {
  const away: unknown[] = []
  for (const own of spec.hosts.filter((host) => host.roles.includes('control-plane'))) {
    const host = openHost(own)
    try {
      const state = await host.stat(adminConf, { content: true })
      if (state.kind === 'file' && state.content)
        return administratorOf(state.content.toString(), own.name, server)
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== 'connection') throw error
      away.push(error)
    } finally {
      await host.close()
    }
  }
  if (away.length > 0) throw away[0]
  throw new UserError('step', `no control plane node has ${adminConf}`, { next: 'run kubestrap up first' })
}
