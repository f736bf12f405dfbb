import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { kubestrap, root, run } from './program.js'

/** Names, bridge and subnet of the bench's own; KUBESTRAP_BENCH="NAME PREFIX SUBNET" gives others. */
const [lab, prefix, subnet] = (process.env.KUBESTRAP_BENCH ?? 'bench b 10.87.0').split(' ')
export const cache = join(homedir(), '.cache', 'kubestrap')
const directory = join(cache, lab)

/** What the lab's cluster is made of. */
export const bundle = join(cache, 'bundle', 'v1.20.2')
export const keys = join(directory, 'lab', 'ssh')

/** Control plane first. */
export const machines = [
  { name: `${prefix}cp1`, address: `${subnet}.11` },
  { name: `${prefix}w1`, address: `${subnet}.21` },
  { name: `${prefix}w2`, address: `${subnet}.22` },
]

/** The quickstart's inventory with the bench's machines. */
export const inventory = join(directory, 'lab.yaml')

export function writeInventory() {
  mkdirSync(directory, { recursive: true })
  const text = readFileSync(join(root, 'inventories/lab.yaml'), 'utf8')
    .replaceAll('10.88.0.', `${subnet}.`)
    .replaceAll('.cache/kubestrap/lab', `.cache/kubestrap/${lab}/lab`)
    .replace('ks-lab0', `ks-${lab}0`)
    .replace(/^ {2}(cp1|w1|w2):/gm, `  ${prefix}$1:`)
  writeFileSync(inventory, text)
}

/** Runs a script on a machine as root, by the system's own ssh. */
export function on({ address }, script, stdin) {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${join(keys, 'known_hosts')}`]
  const args = [...options.flatMap((option) => ['-o', option]), '-i', join(keys, 'id_ed25519')]
  return run('ssh', [...args, `root@${address}`, script], { stdin })
}

export const takeDown = () => kubestrap('lab', 'down', '-i', inventory)

/**
 * Fresh machines as both sides find them: packages installed, Docker running, images loaded, binaries
 * in /usr/bin, swap off, kernel parameters set, the API endpoint's name known, the unit of the kubelet.
 */
export async function freshMachines() {
  await takeDown()
  await kubestrap('lab', 'up', '-i', inventory)
  await Promise.all(machines.map(prepare))
}

async function prepare(machine) {
  const endpoint = `${machines[0].address} api.lab.internal`
  await on(machine, `sh -s -- '${endpoint}'`, join(root, 'test/support/kubeadm-node.sh'))
  for (const name of ['kubelet', 'kubectl', 'kubeadm'])
    await on(
      machine,
      `gunzip >/usr/bin/${name} && chmod 0755 /usr/bin/${name}`,
      join(bundle, 'bin', `${name}.gz`),
    )
  const needed = ['pause', 'kube-proxy', 'verify']
  const more = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  for (const name of machine === machines[0] ? [...needed, ...more] : needed)
    await on(machine, 'docker load -q', join(bundle, 'images', `${name}.tar.gz`))
  // kubeadm's preflight wants to see CoreDNS's image, which Debian has not; the add-on is skipped
  await on(machine, 'docker tag k8s.gcr.io/pause:3.2 k8s.gcr.io/coredns:1.7.0')
}
