// Makes the README's terminal pictures from real runs on lab machines: npm run pictures.
// What stands between `<!-- picture: NAME -->` and `<!-- /picture -->` is replaced.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'bin/kubestrap.js')
const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-pictures-'))
const file = join(scratch, 'inventory.yaml')
const lab = readFileSync(join(root, 'inventories/lab.yaml'), 'utf8')

/** Runs kubestrap where the inventory lies; what it printed, as a pipe gets it. */
function kubestrap(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: scratch,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return { status, text: `${stdout}${stderr}`.trimEnd() }
}

function must(...args) {
  const { status, text } = kubestrap(...args)
  if (status !== 0) throw new Error(`kubestrap ${args.join(' ')} ended with ${status}:\n${text}`)
}

/** A command and what it prints; of long texts the first and last lines. */
function picture({ inventory = lab, args, first = Number.POSITIVE_INFINITY, last = 0 }) {
  writeFileSync(file, inventory)
  const { text } = kubestrap(...args)
  const lines = text.split('\n')
  const shown =
    lines.length <= first + last
      ? lines
      : [...lines.slice(0, first), `  … ${lines.length - first - last} lines more …`, ...lines.slice(-last)]
  return ['```console', `$ kubestrap ${args.join(' ')}`, ...shown, '```'].join('\n')
}

const changed = lab
  .replace(
    'w1: { address: 10.88.0.21, roles: [worker] }',
    'w1: { address: 10.88.0.21, roles: [worker], labels: { disk: ssd } }',
  )
  .replace('dns:\n', 'scheduler: { extraArgs: { v: "1" } }\n\ndns:\n')
const broken = lab.replace('roles: [worker] }', 'roles: [worker], kubelet: { extraArgs: { v: verbose } } }')
const mistaken = lab
  .replace('"1.20.2"', '1.20')
  .replace('network: bridge', 'network: bridged\nruntme: docker')
  .replace('10.88.0.22, roles: [worker]', '10.88.0.21, roles: [workr]')

const pictures = {}
try {
  writeFileSync(file, lab)
  must('lab', 'quickstart', '-i', 'inventory.yaml')
  must('reset', '-i', 'inventory.yaml', '--yes')
  pictures.up = picture({ args: ['up'], first: 8, last: 16 })
  pictures.again = picture({ args: ['up'] })
  pictures.plan = picture({ inventory: changed, args: ['plan'] })
  pictures.status = picture({ args: ['status'] })
  pictures.failure = picture({ inventory: broken, args: ['up', '--yes'] })
  pictures.mistakes = picture({ inventory: mistaken, args: ['inventory', 'validate'] })
  writeFileSync(file, lab)
  must('up', '-i', 'inventory.yaml', '--yes')
} finally {
  writeFileSync(file, lab)
  kubestrap('lab', 'down', '-i', 'inventory.yaml')
  rmSync(scratch, { recursive: true, force: true })
}

const readme = join(root, 'README.md')
const seen = new Set()
const text = readFileSync(readme, 'utf8').replace(
  /(<!-- picture: (\w+) -->\n)[\s\S]*?(<!-- \/picture -->)/g,
  (_, begin, name, end) => {
    if (!(name in pictures)) throw new Error(`README.md wants a picture "${name}" that nobody makes`)
    seen.add(name)
    return `${begin}${pictures[name]}\n${end}`
  },
)
for (const name of Object.keys(pictures))
  if (!seen.has(name)) throw new Error(`README.md has no place for the picture "${name}"`)
writeFileSync(readme, text)
