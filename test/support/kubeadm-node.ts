import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MachineName, on } from './e2e-lab.js'

const script = fileURLToPath(new URL('kubeadm-node.sh', import.meta.url))

/**
 * Makes a machine what a worker is before its `kubeadm join`, by hand as kubeadm's users do and with
 * nothing of kubestrap's.
 * @param endpoint address and name of the API endpoint: "10.89.0.11 api.lab.internal"
 */
export async function kubeadmNode(machine: MachineName, bundle: string, endpoint: string): Promise<void> {
  await on(machine, `sh -s -- '${endpoint}'`, script)
  for (const name of ['kubelet', 'kubectl', 'kubeadm']) await bring(machine, bundle, name)
  await load(machine, bundle, ['pause', 'kube-proxy', 'verify'])
}

/** Puts a bundle's program into /usr/bin, as its package would. */
export async function bring(machine: MachineName, bundle: string, name: string): Promise<void> {
  const path = `/usr/bin/${name}`
  const script = `gunzip >${path}.new && chmod 0755 ${path}.new && mv ${path}.new ${path}`
  await on(machine, script, join(bundle, 'bin', `${name}.gz`))
}

/** Loads a bundle's images into a machine's Docker. */
export async function load(machine: MachineName, bundle: string, images: readonly string[]): Promise<void> {
  for (const name of images) await on(machine, 'docker load -q', join(bundle, 'images', `${name}.tar.gz`))
}
