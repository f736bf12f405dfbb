import { areaOf } from '../diagnose/areas.js'
import { causes } from '../diagnose/catalogue.js'
import type { Cause } from '../diagnose/cause.js'
import { byCode, causePage } from '../diagnose/page.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { editDistance } from '../lib/nearest.js'
import { table } from '../ui/format.js'
import { print, printJson } from '../ui/screen.js'
import { type Command, text } from './command.js'

/** How many codes are named in the place of one that does not exist. */
const named = 3

export const explainCommand: Command = {
  name: 'explain [code]',
  about:
    'Print what the cause of a failure means and how to fix it, by its code (KS0101); without a code the list.',
  example: 'kubestrap explain KS0101',
  options: {
    output: {
      alias: 'o',
      choices: ['plain', 'json'],
      default: 'plain',
      describe: 'json: one object, or a list',
    },
  },
  positionals: { code: { type: 'string', describe: 'as a failure names it: likely cause (KS0101)' } },
  run: async (values) => {
    const wanted = text(values, 'code')
    const json = values.output === 'json'
    if (wanted === '') {
      if (json) printJson(byCode(causes).map(asJson), 2)
      else print(`${table([['CODE', 'AREA', 'CAUSE'], ...byCode(causes).map(row)])}\n`)
      return exitCodes.ok
    }
    const cause = find(wanted)
    if (json) printJson(asJson(cause), 2)
    else print(causePage(cause))
    return exitCodes.ok
  },
}

const row = ({ code, title }: Cause): string[] => [code, areaOf(code), title]

const asJson = ({ code, id, title, what, why, fix }: Cause): object => ({
  code,
  id,
  area: areaOf(code),
  title,
  what,
  why,
  fix,
})

/** By its code in any case, or its digits alone. Throws UserError('usage') with the nearest ones. */
export function find(wanted: string): Cause {
  const code = wanted.toUpperCase().replace(/^(?:KS)?(?=\d)/, 'KS')
  const found = causes.find((cause) => cause.code === code)
  if (found) return found
  const near = byCode(causes)
    .map((cause) => ({ cause, distance: distance(code.slice(0, 20), cause.code) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, named)
  throw new UserError('usage', `there is no cause with the code ${wanted.slice(0, 40)}`, {
    why: near.map(({ cause }) => `${cause.code}: ${cause.title}`).join('\n'),
    next: 'kubestrap explain lists all codes',
  })
}

/** Of codes that are as near by their letters those of the same area are nearer. */
const distance = (written: string, code: string): number =>
  editDistance(written, code) + (written.slice(0, 4) === code.slice(0, 4) ? 0 : 0.5)
