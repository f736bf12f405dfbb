import { join } from 'node:path'
import { cache, freshMachines, keys, several, single } from './lab.js'
import { cpuSeconds, show, showCpu, time } from './measure.js'
import { kubestrap, root, run } from './program.js'

const script = (name) => join(root, 'test/bench', name)

/** The same end for both sides. */
const ready = ({ machines }) =>
  run('sh', [
    script('ready.sh'),
    keys,
    machines[0].address,
    String(machines.length),
    join(cache, 'binaries/v1.20.2/kubectl'),
  ])

const written = ({ machines }, role) =>
  machines.filter((one) => one.role === role).map(({ name, address }) => `${name}=${address}`)

const sides = {
  kubeadm: (lab) =>
    run('sh', [
      script('kubeadm-up.sh'),
      keys,
      written(lab, 'control-plane').join(' '),
      ...written(lab, 'worker'),
    ]),
  kubestrap: ({ inventory }) => kubestrap('up', '-i', inventory, '--no-verify', '-o', 'plain'),
}

/** Birth of a cluster of three machines, by kubeadm in a shell script and by `kubestrap up`. The last one is left up. */
export const up = (runs) => births(runs, single, 'init, joins, network')

/** The same of three control planes, which kubeadm joins one after the other, and two workers. */
export const ha = (runs) => births(runs, several, 'init, control planes, workers')

/** By turns, each time on fresh machines in the same state. Processor time is the whole box's, machines and operator. */
async function births(runs, lab, how) {
  const { size } = lab
  const times = { kubeadm: [], kubestrap: [] }
  const cpu = { kubeadm: [], kubestrap: [] }
  for (let i = 0; i < runs; i += 1)
    for (const [name, make] of Object.entries(sides)) {
      await freshMachines(lab)
      const before = cpuSeconds()
      const ms = await time(async () => {
        await make(lab)
        await ready(lab)
      })
      times[name].push(ms)
      cpu[name].push(cpuSeconds() - before)
      process.stderr.write(
        `${size} ${name} ${i + 1}/${runs}: ${(ms / 1000).toFixed(1)} s, ${cpu[name].at(-1).toFixed(1)} s of processor\n`,
      )
    }
  show(`kubeadm, ${size}: ${how}`, times.kubeadm)
  show(`kubestrap up --no-verify, ${size}`, times.kubestrap, times.kubeadm)
  showCpu(`kubeadm, ${size}`, cpu.kubeadm)
  showCpu(`kubestrap up, ${size}`, cpu.kubestrap)
}
