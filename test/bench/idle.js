import { on, single } from './lab.js'
import { measure, show } from './measure.js'
import { kubestrap, run } from './program.js'

const { inventory, machines } = single

/** What commands cost on a cluster in which there is nothing to change, against logging in. */
export async function idle(runs) {
  // whatever the last birth left to do is done first
  await kubestrap('up', '-i', inventory, '-o', 'plain')
  const node = await measure(runs, () => run(process.execPath, ['-e', '0']))
  show('node -e 0', node)
  show('kubestrap --version', await measure(runs, () => kubestrap('--version')), node)
  const logins = await measure(runs, () => Promise.all(machines.map((machine) => on(machine, 'true'))))
  show(`ssh HOST true, ${machines.length} at once`, logins)
  show(
    'kubestrap up, nothing to change',
    await measure(runs, () => kubestrap('up', '-i', inventory, '--no-verify', '-o', 'plain')),
    logins,
  )
  show(
    'kubestrap plan, nothing to change',
    await measure(runs, () => kubestrap('plan', '-i', inventory)),
    logins,
  )
  show('kubestrap verify', await measure(runs, () => kubestrap('verify', '-i', inventory)), logins)
}
