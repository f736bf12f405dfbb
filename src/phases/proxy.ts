import type { Context } from '../cluster/context.js'
import { isNode, type Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import { proxyFile } from '../host/proxy-file.js'
import { file } from '../resources/file.js'
import { filesGone } from '../resources/files-gone.js'
import { aptProxy, proxyEnvironment, proxyMark, unitProxy } from '../sources/proxy.js'
import { repositoryFor } from '../steps/programs/kubernetes-packages.js'

/** Runtimes that pull images themselves: only they are told a proxy. */
const units = ['containerd.service', 'docker.service']

const dropIn = (unit: string): string => `/etc/systemd/system/${unit}.d/kubestrap-proxy.conf`
const aptFile = '/etc/apt/apt.conf.d/90kubestrap-proxy'

/**
 * INPUTS: sources.proxy, and the password of its login.
 * OUTPUTS: the configuration of the proxy for all that fetches packages, programs and images: apt, kubestrap's own
 * calls of dnf, zypper, curl, wget and ctr, and the unit of the runtime. No kubelet, no Pod and no login shell
 * uses the proxy.
 */
export const proxy: Phase<Context> = {
  id: 'proxy',
  title: 'Proxy',
  about: 'The proxy that packages, programs and images are fetched through (sources.proxy).',
  steps: (context) => context.machines.flatMap((machine) => proxySteps(context, machine)),
}

/** Servers of the repositories that the inventory gives a host. */
const packageServers = (context: Context, machine: Machine): string[] => {
  const kubernetes = isNode(machine) ? repositoryFor(context, machine) : undefined
  return [...machine.spec.os.repositories, ...(kubernetes ? [kubernetes.wish] : [])].flatMap(({ url }) =>
    URL.canParse(url) ? [new URL(url).hostname] : [],
  )
}

function proxySteps(context: Context, machine: Machine): Step[] {
  const { proxy: own, runtime } = context
  const { host, os } = machine
  const unit = isNode(machine) ? runtime.unit : undefined
  const told = units.find((one) => one === unit)
  const files = [
    { path: proxyFile, content: own && proxyEnvironment(own), marks: told ? [told] : [] },
    {
      path: aptFile,
      content:
        own && os.packageFormat === 'deb' ? aptProxy(own, packageServers(context, machine)) : undefined,
      marks: [],
    },
    ...units.map((one) => ({
      path: dropIn(one),
      content: own && one === told ? unitProxy(proxyFile) : undefined,
      marks: one === told ? [one] : [],
    })),
  ]
  const gone = files.filter(({ content }) => content === undefined)
  return [
    ...files.flatMap(({ path, content, marks }) =>
      content === undefined
        ? []
        : [file(host, { path, content, marks, needs: [], hideOld: (old) => old.includes('@') })],
    ),
    filesGone(host, {
      id: 'proxy-gone',
      title: 'proxy from an earlier inventory',
      files: gone.map(({ path, marks }) => ({ path, marks })),
      mark: proxyMark,
      needs: [],
    }),
  ]
}
