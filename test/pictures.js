// Makes the terminal pictures of README.md and docs/ from real runs on lab machines: npm run pictures.
// What stands between `<!-- picture: NAME -->` and `<!-- /picture -->` is replaced.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

/** A command and what it prints. */
function picture({ inventory = lab, args }) {
  writeFileSync(file, inventory)
  const { text } = kubestrap(...args)
  return ['```console', `$ kubestrap ${args.join(' ')}`, ...text.split('\n'), '```'].join('\n')
}

/** A picture with the first and last lines of what the command printed. */
function cut(whole, first, last) {
  const lines = whole.split('\n').slice(2, -1)
  if (lines.length <= first + last) return whole
  const more = `  … ${lines.length - first - last} lines more …`
  return [
    ...whole.split('\n').slice(0, 2),
    ...lines.slice(0, first),
    more,
    ...lines.slice(-last),
    '```',
  ].join('\n')
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
  const birth = picture({ args: ['up'] })
  pictures.up = cut(birth, 8, 16)
  pictures.birth = cut(birth, 2, 16)
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

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules/'))
    .map((name) => join('docs', name)),
]
const seen = new Set()
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')
  const drawn = text.replace(
    /(<!-- picture: (\w+) -->\n)[\s\S]*?(<!-- \/picture -->)/g,
    (_, begin, name, end) => {
      if (!(name in pictures)) throw new Error(`${page} wants a picture "${name}" that nobody makes`)
      seen.add(name)
      return `${begin}${pictures[name]}\n${end}`
    },
  )
  if (drawn !== text) writeFileSync(join(root, page), drawn)
}
for (const name of Object.keys(pictures))
  if (!seen.has(name)) throw new Error(`no page has a place for the picture "${name}"`)
