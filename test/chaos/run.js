// Faults on purpose, on real machines of the lab: each disturbs one `up`, the next one must converge.
// Not a test. Needs root, Linux and `npm run build`. Everything follows from the seed of a try, its class and what it disturbs.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readOptions } from './options.js'

const inside = 'KUBESTRAP_CHAOS_INSIDE'
const options = readOptions(process.argv.slice(2))
if (!options) process.exitCode = 2
else if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  process.stderr.write('chaos needs Linux and root\n')
  process.exitCode = 4
} else if (process.env[inside]) {
  const { chaos } = await import('./tries.js')
  // what an interrupted try waited for is waited for no longer
  process.exit(await chaos(options))
} else {
  // disks are mounted where no other program's mount namespace can hold on to them, and mounts go with the last process
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      process.execPath,
      fileURLToPath(import.meta.url),
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', env: { ...process.env, [inside]: '1' } },
  )
  // a terminal tells both of Ctrl-C; another's signal is passed on
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('close', (code) => {
    process.exitCode = code ?? 1
  })
}
