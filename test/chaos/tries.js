import { identity, problemsAfter } from './checks.js'
import { disturbed } from './disturbed.js'
import { keepEvidence } from './evidence.js'
import { classes } from './faults.js'
import { Lab } from './lab.js'
import { endAll, mustKubestrap, shortened } from './program.js'
import { seeded } from './seeded.js'
import { addToFile, counted, tableText } from './table.js'

const say = (line) => process.stderr.write(`${line}\n`)
/** How many changes of one cluster are disturbed before another one is born. */
const changesOfOne = 6

/**
 * Tries until the time is over, and says what came of each.
 * @returns exit code: 0, 1 when one did not converge, 130 when it was interrupted
 */
export async function chaos({ seed, tries, minutes, topology, names, during, out }) {
  const lab = new Lab(topology)
  const until = performance.now() + minutes * 60_000
  let [interrupted, table, failed, done] = [false, {}, 0, 0]
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      interrupted = true
      say('interrupted: the try under way is left, the machines are removed')
      leave?.()
    })
  let leave
  const left = new Promise((resolve) => {
    leave = resolve
  })
  const world = { born: false, changes: 0, data: [] }
  const work = async () => {
    for (let i = 0; done < tries && performance.now() < until && !interrupted; i += 1) {
      // one whose run ended before its fault came is tried again, with another seed
      const name = names[done % names.length]
      const what = during ?? (world.born && world.changes < changesOfOne ? 'change' : 'birth')
      const one = await tryOne(lab, world, { seed: seed + i, name, what }).catch((error) => {
        if (interrupted) throw error
        return { itself: error.stack }
      })
      if (interrupted) return
      if (one?.itself) {
        say(`${seed + i} ${name} during ${what}: chaos itself failed, not counted: ${one.itself}`)
        done += 1
        failed += 1
        world.born = false
        continue
      }
      if (one === undefined) {
        say(`${seed + i} ${name} during ${what}: the run ended before the fault came; not counted`)
        continue
      }
      done += 1
      const again = `npm run chaos -- --topology ${topology} --seed ${seed + i} --class ${name} --during ${what} --tries 1`
      say(
        `${seed + i} ${name} during ${what}: ${one.problems.length === 0 ? 'converged' : 'NOT CONVERGED'} (${one.told})`,
      )
      for (const problem of one.problems) say(`  ${problem.replaceAll('\n', '\n  ')}`)
      if (one.problems.length > 0) {
        say(`  repeat: ${again}`)
        failed += 1
        // what is left of it is no ground for the next
        world.born = false
        if (out) {
          const folder = `${out}.d/${topology}-${seed + i}-${name}`
          say(`  what its machines tell: ${folder}`)
          await keepEvidence(lab, folder, {
            'run.txt': one.words ?? '',
            'problems.txt': one.problems.join('\n'),
          }).catch((error) => say(`  ${error.message}`))
        }
      }
      table = counted(table, topology, name, one.problems.length === 0)
      if (out) addToFile(out, { topology, name, problems: one.problems, again })
    }
  }
  try {
    const working = work()
    working.catch(() => {})
    await Promise.race([working, left])
  } finally {
    await endAll()
    await lab.down()
    process.stdout.write(tableText(table))
  }
  return interrupted ? 130 : failed > 0 ? 1 : 0
}

/**
 * One fault, and what came of it.
 * @returns {Promise<{ problems: string[], told: string, words?: string } | undefined>} undefined when the run ended before the fault came
 */
async function tryOne(lab, world, { seed, name, what }) {
  const random = seeded(seed)
  const victim = lab.machines[Math.floor(random() * lab.machines.length)]
  const { first, tells, cause, begin, holds, mend } = classes[name]
  const place = random()
  // one in ten comes while hosts are connected to and looked at
  // a change begins few steps, and waits long for what it drains and restarts
  const longest = place < 0.1 ? 2_000 : what === 'change' ? 12_000 : 800
  const moment = { at: first || place < 0.1 ? 0 : place * 0.9, ms: first ? 0 : random() * longest }
  await prepare(lab, world, what, seed)
  const before = await identity(lab)
  const data = [...world.data]
  let ran
  const held = []
  try {
    if (first) await begin(lab, victim)
    if (holds) held.push(`before: ${await holds(lab)}`)
    ran = await disturbed(lab.file, moment, first ? () => {} : (run) => begin(lab, victim, run))
    if (holds) held.push(`after: ${await holds(lab)}`)
  } finally {
    await mend?.(lab, victim)
  }
  if (!first && !ran.faulted) {
    world.born = what === 'change' && ran.code === 0
    return undefined
  }
  const end = ran.signal ?? `exit ${ran.code}`
  const problems = []
  if (!ran.ended) problems.push('the disturbed run did not end')
  if (ran.code === 1) problems.push(`the disturbed run calls it a bug: ${shortened(ran.words)}`)
  if (tells && ran.code !== 0 && !(ran.words.includes(victim.name) && (cause?.test(ran.words) ?? true)))
    problems.push(`the disturbed run does not say what ails ${victim.name}: ${shortened(ran.words)}`)
  problems.push(...(await problemsAfter(lab, before, data)))
  world.born = problems.length === 0
  const why = ran.code
    ? ran.words
        .split('\n')
        .find((line) => line.trim() !== '')
        ?.slice(0, 200)
    : ''
  const told = `${victim.name}, ${end} after ${(ran.ms / 1000).toFixed(0)} s${ran.where ? `; ${ran.where}` : ''}${why ? `; it said: ${why}` : ''}${held.map((text) => `; ${text}`).join('')}`
  return { problems, told, words: `${ran.words}\n${ran.events}` }
}

/** Fresh machines, or a cluster with data in it and something to change. */
async function prepare(lab, world, what, seed) {
  if (what === 'birth' || !world.born) {
    await lab.up()
    Object.assign(world, { born: false, changes: 0, data: [] })
  }
  if (what === 'birth') return
  if (!world.born) await mustKubestrap('up', '--yes', '--no-verify', '-i', lab.file, '-o', 'plain')
  world.changes += 1
  const name = `written-before-${seed}`
  await lab.kubectl(`create configmap ${name} --from-literal=seed=${seed}`)
  world.data.push(name)
  lab.inventory(world.changes)
  // what runs on Docker ends with it: each node is drained for that
  await Promise.all(
    lab.nodes.map((one) =>
      lab.inside(one, 'mkdir -p /run/kubestrap/restart && touch /run/kubestrap/restart/docker.service'),
    ),
  )
}
