import { parseArgs } from 'node:util'
import { classes } from './faults.js'
import { topologies } from './lab.js'

const usage = `npm run chaos -- [--seed N] [--minutes M | --tries N] [--topology ${topologies.join('|')}] [--class NAME,…] [--during birth|change] [--out FILE]
classes: ${Object.keys(classes).join(', ')}
`

/**
 * What is wanted; null where the arguments are wrong, after the usage was printed.
 * A try follows from its own seed, its class and what it disturbs; the tries of a run have consecutive seeds.
 */
export function readOptions(args) {
  const refuse = (why) => {
    process.stderr.write(`${why}\n${usage}`)
    return null
  }
  let values
  try {
    values = parseArgs({
      args,
      options: {
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string' },
        tries: { type: 'string' },
        topology: { type: 'string', default: 'single' },
        class: { type: 'string' },
        during: { type: 'string' },
        out: { type: 'string' },
      },
    }).values
  } catch (error) {
    return refuse(error.message)
  }
  const { topology, during, out } = values
  const names = values.class?.split(',') ?? Object.keys(classes)
  const unknown = names.filter((name) => !Object.hasOwn(classes, name))
  const [seed, tries, minutes] = [
    Number(values.seed),
    Number(values.tries ?? Number.POSITIVE_INFINITY),
    Number(values.minutes ?? (values.tries === undefined ? 30 : Number.POSITIVE_INFINITY)),
  ]
  if (unknown.length > 0) return refuse(`no class ${unknown.join(', ')}`)
  if (!topologies.includes(topology)) return refuse(`no topology ${topology}`)
  if (during !== undefined && during !== 'birth' && during !== 'change')
    return refuse(`no such run: ${during}`)
  if (!Number.isInteger(seed) || !(tries > 0) || !(minutes > 0)) return refuse('numbers above 0')
  return { seed, tries, minutes, topology, names, during, out }
}
