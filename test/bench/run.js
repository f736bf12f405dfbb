// Figures as ratios measured in one run, on a lab that is up (npm run quickstart). Five runs each,
// median and spread. Not a test: nothing here passes or fails.
import { execFileSync, spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'

const inventory = process.argv[2] ?? 'inventories/lab.yaml'
const runs = 5

const time = async (work) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const measure = async (work) => {
  const times = []
  for (let i = 0; i < runs; i += 1) times.push(await time(work))
  times.sort((a, b) => a - b)
  return { median: times[Math.floor(runs / 2)], least: times[0], most: times[runs - 1] }
}

const quiet = (program, args) =>
  new Promise((resolve, reject) => {
    spawn(program, args, { stdio: 'ignore' }).once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args.join(' ')}: exit ${code}`)),
    )
  })

const kubestrap = (...args) => quiet(process.execPath, ['bin/kubestrap.js', ...args])

const status = execFileSync(process.execPath, ['bin/kubestrap.js', 'lab', 'status', '-i', inventory], {
  encoding: 'utf8',
})
const addresses = status
  .split('\n')
  .slice(1)
  .flatMap((line) => /\s(\d+\.\d+\.\d+\.\d+)\s+running/.exec(line)?.[1] ?? [])
if (addresses.length === 0) {
  process.stderr.write('the lab does not run: npm run quickstart first\n')
  process.exit(2)
}
const keys = join(homedir(), '.cache/kubestrap/lab/ssh')
const ssh = (address) =>
  quiet('ssh', [
    '-o',
    'BatchMode=yes',
    '-o',
    `UserKnownHostsFile=${join(keys, 'known_hosts')}`,
    '-i',
    join(keys, 'id_ed25519'),
    `root@${address}`,
    'true',
  ])

const show = (name, { median, least, most }, base) => {
  const ratio = base === undefined ? '' : `  ${(median / base.median).toFixed(2)}x`
  process.stdout.write(
    `${name.padEnd(44)} ${median.toFixed(0).padStart(6)} ms (${least.toFixed(0)}–${most.toFixed(0)})${ratio}\n`,
  )
}

const node = await measure(() => quiet(process.execPath, ['-e', '0']))
show('node -e 0', node)
show('kubestrap --version', await measure(() => kubestrap('--version')), node)
const logins = await measure(() => Promise.all(addresses.map(ssh)))
show(`ssh HOST true, ${addresses.length} at once`, logins)
show(
  'kubestrap up, nothing to change',
  await measure(() => kubestrap('up', '-i', inventory, '--no-verify', '-o', 'plain')),
  logins,
)
show('kubestrap plan, nothing to change', await measure(() => kubestrap('plan', '-i', inventory)), logins)
show('kubestrap verify', await measure(() => kubestrap('verify', '-i', inventory)), logins)
