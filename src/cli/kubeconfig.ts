import { lookup } from 'node:dns/promises'
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { openHost } from '../host/open-host.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { Secret } from '../lib/secret.js'
import { mergeKubeconfig } from '../operations/merge-kubeconfig.js'
import { adminConf } from '../phases/kube-access.js'
import { print, printSecret, tell } from '../ui/screen.js'
import { type Command, inventoryOption, text } from './command.js'
import { inventoryOf } from './inventory.js'

export const kubeconfigCommand: Command = {
  name: 'kubeconfig',
  about: "Print the administrator's kubeconfig, or merge it into your own.",
  example: 'kubestrap kubeconfig -i inventory.yaml --merge --name prod',
  options: {
    ...inventoryOption,
    merge: { type: 'boolean', default: false, describe: 'add it to your kubeconfig and make it current' },
    name: {
      type: 'string',
      describe:
        "the context's name there; default the cluster's name, or the endpoint's if that is kubernetes",
      requiresArg: true,
    },
    kubeconfig: {
      type: 'string',
      describe: 'the file to merge into; default $KUBECONFIG (its first) or ~/.kube/config',
      requiresArg: true,
    },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const own = await administrators(spec)
    await hintAtName(spec)
    if (values.merge !== true) {
      // the one place that prints a key: it is what was asked for
      printSecret(new Secret(own))
      return 0
    }
    const file =
      text(values, 'kubeconfig') ||
      process.env.KUBECONFIG?.split(':')[0] ||
      join(homedir(), '.kube', 'config')
    const name = text(values, 'name') || nameOf(spec)
    await merge(file, own, name)
    print(`${file}: context ${name}, now current\n`)
    return 0
  },
}

/** The endpoint's name is known to the nodes by their /etc/hosts; kubectl runs here. */
async function hintAtName({
  endpoint,
  endpointAddress = '',
  hosts,
  loadBalancer,
}: ClusterSpec): Promise<void> {
  if (isIP(endpoint.host)) return
  // where somebody's own balancer is he knows himself
  if (loadBalancer?.type === 'external' && endpointAddress === '') return
  const known = await lookup(endpoint.host).then(
    () => true,
    () => false,
  )
  // with a balancer on every node the name stands for the node itself: the first control plane has one too
  const onNodes = endpointAddress === '' || /^(127\.|::1$)/.test(endpointAddress)
  const address = onNodes
    ? hosts.find(({ roles }) => roles.includes('control-plane'))?.address
    : endpointAddress
  if (!known)
    tell(
      `note: ${endpoint.host} is not known on this machine; for kubectl here: echo '${address} ${endpoint.host}' >>/etc/hosts\n`,
    )
}

const nameOf = ({ clusterName, endpoint }: ClusterSpec): string =>
  clusterName === 'kubernetes' ? endpoint.host : clusterName

/** admin.conf of the first control plane that has it; one that is away is passed over. */
async function administrators(spec: ClusterSpec): Promise<string> {
  const away: unknown[] = []
  for (const own of spec.hosts.filter((host) => host.roles.includes('control-plane'))) {
    const host = openHost(own)
    try {
      const state = await host.stat(adminConf, { content: true })
      if (state.kind === 'file' && state.content) return state.content.toString()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      away.push(error)
    } finally {
      await host.close()
    }
  }
  if (away.length > 0) throw away[0]
  throw new UserError('step', `no control plane has ${adminConf}`, { next: 'kubestrap up first' })
}

/** Replaces the file in one move; a link stays a link. */
async function merge(file: string, own: string, name: string): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const existing = await readFile(target, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new UserError('step', `cannot read ${file}`, {
      why: error.message,
      next: 'name another: --kubeconfig FILE',
    })
  })
  const merged = mergeKubeconfig(existing, own, name)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const temporary = `${target}.kubestrap-${process.pid}`
  await writeFile(temporary, merged, { mode: 0o600, flag: 'wx' })
  await rename(temporary, target)
}
