import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from '../support/fleet/load.js'
import { median } from './measure.js'
import { hosts } from './options.js'
import { root } from './program.js'

/**
 * Hundreds of hosts over real SSH, of which all but the control plane are replayed (see support/fleet): birth, and what
 * commands cost where there is nothing to change, of the operator's process alone.
 */
export async function scale(runs) {
  const { module, close } = await load('test/support/fleet/fleet.ts')
  try {
    const yard = await module.FleetYard.open(say)
    try {
      const figures = []
      for (const size of hosts) figures.push({ size, ...(await ofSize(yard, size, runs)) })
      compare(figures)
    } finally {
      await yard.close()
    }
  } finally {
    await close()
  }
}

const say = (line) => process.stderr.write(`${line}\n`)

async function ofSize(yard, size, runs) {
  const fleet = await yard.fleet(size - 1)
  try {
    tell(`birth of ${size} hosts, in a terminal`, size, [
      await measured(fleet, ['up', '--no-verify'], inTerminal),
    ])
    const figures = {}
    for (const [name, args] of [
      ['up', ['up', '--no-verify', '-o', 'plain']],
      ['plan', ['plan', '--detailed-exitcode']],
    ]) {
      figures[name] = []
      for (let i = 0; i < runs; i += 1) figures[name].push(await measured(fleet, args))
      tell(`${name}, nothing to change, ${size} hosts`, size, figures[name])
      if (figures[name].some(({ changes }) => changes > 0)) throw new Error(`${name} changed something`)
    }
    return figures
  } finally {
    await fleet.end()
  }
}

/** One run of the product in the fleet's network. @throws unless it ends well, and every question had an answer */
async function measured(fleet, args, how = (words) => words) {
  await fleet.counted()
  const file = join(fleet.directory, 'usage.json')
  const node = [
    process.execPath,
    '--import',
    join(root, 'test/bench/usage.js'),
    join(root, 'bin/kubestrap.js'),
  ]
  const [program, ...words] = how([...fleet.entering, ...node, ...args, '-i', fleet.inventory])
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KUBESTRAP_BENCH_USAGE: file },
  })
  await ended(child, args)
  const { seen, unknown, changed } = await fleet.counted()
  for (const [name, questions] of Object.entries(unknown))
    for (const question of new Set(questions)) say(`${name} was asked what was never recorded: ${question}`)
  const all = Object.values(seen)
  const sum = (of) => all.reduce((total, one) => total + one[of], 0)
  return {
    ...JSON.parse(readFileSync(file, 'utf8')),
    connections: sum('connections'),
    commands: sum('commands'),
    changes: Object.values(changed).flat().length,
  }
}

/** The same in a pseudo-terminal of a usual size: with the live view on. No word of ours has a blank or quote in it. */
const inTerminal = (words) => [
  'script',
  '--quiet',
  '--return',
  '--command',
  `stty cols 120 rows 40; TERM=xterm exec ${words.join(' ')}`,
  '/dev/null',
]

function ended(child, args) {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (chunk) => {
      said = (said + chunk).slice(-5000)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${args.join(' ')}: exit ${code}\n${said}`)),
    )
  })
}

const middle = (all, of) => median(all.map((one) => one[of]))

function tell(name, size, all) {
  const per = (of) => (middle(all, of) / size).toFixed(2)
  process.stdout.write(
    `${name.padEnd(44)} ${middle(all, 'wallMs').toFixed(0).padStart(6)} ms, processor ${middle(all, 'cpuMs').toFixed(0)} ms (${(middle(all, 'cpuMs') / size).toFixed(1)} a host), ${middle(all, 'rssMiB').toFixed(0)} MiB; a host: ${per('commands')} commands, ${per('connections')} connections, ${per('changes')} changes; ${middle(all, 'requests')} API requests\n`,
  )
}

/**
 * What a host costs in the largest fleet, against one in the smallest; and what each host more costs from one size to the
 * next, without what any run costs: of these the last tells whether anything grows faster than the hosts.
 */
function compare(figures) {
  const [first, last] = [figures[0], figures.at(-1)]
  if (!first || !last || first === last) return
  for (const name of ['up', 'plan'])
    for (const [of, what] of [
      ['wallMs', 'wall'],
      ['cpuMs', 'processor'],
    ]) {
      const whole = ({ [name]: all }) => middle(all, of)
      const ratio = whole(last) / last.size / (whole(first) / first.size)
      const more = figures.slice(1).map((one, i) => {
        const before = figures[i]
        const each = (whole(one) - whole(before)) / (one.size - before.size)
        return `${before.size}–${one.size}: ${each.toFixed(1)} ms`
      })
      process.stdout.write(
        `${`${name}, ${what} a host, ${last.size} to ${first.size} hosts`.padEnd(44)} ${ratio.toFixed(2).padStart(6)}x; a host more, ${more.join(', ')}\n`,
      )
    }
}
