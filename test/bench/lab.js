import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { small } from './options.js'
import { kubestrap, root, run } from './program.js'

/** Names, bridge and subnet of the bench's own; KUBESTRAP_BENCH="NAME PREFIX SUBNET" gives others. */
const [lab, prefix, subnet] = (process.env.KUBESTRAP_BENCH ?? 'bench b 10.87.0').split(' ')
export const cache = join(homedir(), '.cache', 'kubestrap')
export const directory = join(cache, lab)

/** What the lab's cluster is made of. */
export const bundle = join(cache, 'bundle', 'v1.20.2')
export const keys = join(directory, 'lab', 'ssh')

const machine = (name, last) => ({
  name: `${prefix}${name}`,
  address: `${subnet}.${last}`,
  role: name.startsWith('cp') ? 'control-plane' : 'worker',
})
const workers = [machine('w1', 21), machine('w2', 22)]
const planes = [machine('cp1', 11), machine('cp2', 12), machine('cp3', 13)]
const cluster = (planeCount, workerCount, file) => ({
  machines: [...planes.slice(0, planeCount), ...workers.slice(0, workerCount)],
  size: `${planeCount}+${workerCount}`,
  inventory: join(directory, file),
})

/** A control plane, or several, and workers: the machines and their inventory. Control planes first. */
export const single = small ? cluster(1, 1, 'lab.yaml') : cluster(1, 2, 'lab.yaml')
export const several = small ? cluster(2, 0, 'several.yaml') : cluster(3, 2, 'several.yaml')

/** A control plane node and many workers, to send things to. */
export const many = {
  machines: [
    planes[0],
    ...Array.from({ length: (small ? 12 : 20) - 1 }, (_, i) => machine(`w${i + 1}`, 21 + i)),
  ],
  inventory: join(directory, 'many.yaml'),
}
export const bridge = `ks-${lab}0`

/** The quickstart's inventory with the bench's machines. */
export function writeInventories() {
  mkdirSync(directory, { recursive: true })
  const text = readFileSync(join(root, 'inventories/lab.yaml'), 'utf8')
    .replaceAll('10.88.0.', `${subnet}.`)
    .replaceAll('.cache/kubestrap/lab', `.cache/kubestrap/${lab}/lab`)
    .replace('ks-lab0', `ks-${lab}0`)
  for (const { machines, inventory } of [single, several, many]) {
    const lines = machines.map(
      ({ name, address, role }) => `  ${name}: { address: ${address}, roles: [${role}] }\n`,
    )
    writeFileSync(inventory, text.replace(/^( {2}(cp|w)\d: .*\n)+/m, lines.join('')))
  }
}

/** Runs a script on a machine as root, by the system's own ssh. */
export function on({ address }, script, stdin) {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${join(keys, 'known_hosts')}`]
  const args = [...options.flatMap((option) => ['-o', option]), '-i', join(keys, 'id_ed25519')]
  return run('ssh', [...args, `root@${address}`, script], { stdin })
}

export const takeDown = () => kubestrap('lab', 'down', '-i', several.inventory)

/**
 * Fresh machines as both sides find them: packages installed, Docker running, images loaded, binaries
 * in /usr/bin, swap off, kernel parameters set, the API endpoint's name known, the unit of the kubelet.
 */
export async function freshMachines({ machines, inventory }) {
  await takeDown()
  await kubestrap('lab', 'up', '-i', inventory)
  await Promise.all(machines.map(prepare))
}

async function prepare(machine) {
  const endpoint = `${planes[0].address} api.lab.internal`
  await on(machine, `sh -s -- '${endpoint}'`, join(root, 'test/support/kubeadm-node.sh'))
  for (const name of ['kubelet', 'kubectl', 'kubeadm'])
    await on(
      machine,
      `gunzip >/usr/bin/${name} && chmod 0755 /usr/bin/${name}`,
      join(bundle, 'bin', `${name}.gz`),
    )
  const needed = ['pause', 'kube-proxy', 'verify']
  const more = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  for (const name of machine.role === 'control-plane' ? [...needed, ...more] : needed)
    await on(machine, 'docker load -q', join(bundle, 'images', `${name}.tar.gz`))
  // kubeadm's preflight wants to see CoreDNS's image, which Debian has not; the add-on is skipped
  await on(machine, 'docker tag k8s.gcr.io/pause:3.2 k8s.gcr.io/coredns:1.7.0')
}
