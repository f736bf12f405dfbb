import { join } from 'node:path'
import { cache, freshMachines, inventory, keys, machines } from './lab.js'
import { show, time } from './measure.js'
import { kubestrap, root, run } from './program.js'

const script = (name) => join(root, 'test/bench', name)
const [controlPlane] = machines

/** The same end for both sides. */
const ready = () =>
  run('sh', [
    script('ready.sh'),
    keys,
    controlPlane.address,
    String(machines.length),
    join(cache, 'binaries/v1.20.2/kubectl'),
  ])

const sides = {
  kubeadm: () =>
    run('sh', [script('kubeadm-up.sh'), keys, ...machines.map(({ name, address }) => `${name}=${address}`)]),
  kubestrap: () => kubestrap('up', '-i', inventory, '--no-verify', '-o', 'plain'),
}

/**
 * Birth of a cluster of three machines, by kubeadm in a shell script and by `kubestrap up`: by turns,
 * each time on fresh machines in the same state. The last cluster, kubestrap's, is left up.
 */
export async function up(runs) {
  const times = { kubeadm: [], kubestrap: [] }
  for (let i = 0; i < runs; i += 1)
    for (const [name, make] of Object.entries(sides)) {
      await freshMachines()
      const ms = await time(async () => {
        await make()
        await ready()
      })
      times[name].push(ms)
      process.stderr.write(`${name} ${i + 1}/${runs}: ${(ms / 1000).toFixed(1)} s\n`)
    }
  show('kubeadm: init, two joins, network', times.kubeadm)
  show('kubestrap up --no-verify, 1+2', times.kubestrap, times.kubeadm)
}
