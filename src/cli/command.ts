import type { Options, PositionalOptions } from 'yargs'
import { UserError } from '../lib/errors.js'
import { parseDuration } from '../lib/time.js'

/** A command as a value: help and parsing follow from it. */
export interface Command {
  /** yargs' form: "join [hosts..]". */
  name: string
  /** One sentence, as help shows it. */
  about: string
  /** One real example. */
  example: string
  options?: Record<string, Options>
  positionals?: Record<string, PositionalOptions>
  children?: readonly Command[]
  /** What follows the first positional goes to another program as it is, options too. */
  passesOn?: true
  /** Returns the exit code. Throws UserError. */
  run(values: Record<string, unknown>): Promise<number>
}

export const defaultInventory = 'inventory.yaml'

/** The inventory to use. */
export const inventoryOption = {
  inventory: {
    alias: 'i',
    type: 'string',
    default: defaultInventory,
    describe: 'inventory file',
    requiresArg: true,
  },
} satisfies Record<string, Options>

const verboseOption = {
  verbose: {
    alias: 'v',
    type: 'boolean',
    default: false,
    describe:
      'print lines instead of the live view, with steps that are up to date and every command on every host',
  },
} satisfies Record<string, Options>

export const outputOption = {
  ...verboseOption,
  output: {
    alias: 'o',
    choices: ['auto', 'tree', 'plain', 'json'],
    default: 'auto',
    describe: 'auto: a live view (tree) on a terminal, plain lines elsewhere; json: one event a line',
  },
  'log-file': {
    type: 'string',
    describe: 'directory of the full log; none for no log (default: ~/.local/state/kubestrap/logs)',
    requiresArg: true,
  },
} satisfies Record<string, Options>

/** For commands whose results are checks. */
export const checksOutputOption = {
  ...verboseOption,
  output: {
    alias: 'o',
    choices: ['plain', 'json', 'junit'],
    default: 'plain',
    describe: 'json: one event a line; junit: XML for CI',
  },
} satisfies Record<string, Options>

export const ignoreOption = {
  'ignore-preflight': {
    type: 'string',
    array: true,
    default: [],
    describe: 'name of a preflight check to ignore (repeatable); all ignores every check',
    requiresArg: true,
  },
} satisfies Record<string, Options>

export const uploadsOption = {
  'concurrent-uploads': {
    type: 'string',
    describe: 'how many programs and images are sent at once, to all hosts together (default: 8)',
    requiresArg: true,
  },
} satisfies Record<string, Options>

/** The value of uploadsOption; undefined where it is not given. Throws UserError('usage'). */
export function concurrentUploads(values: Record<string, unknown>): number | undefined {
  const value = values['concurrent-uploads']
  if (value === undefined) return undefined
  const number = /^[1-9]\d{0,3}$/.test(String(value)) ? Number(value) : undefined
  if (number !== undefined) return number
  throw new UserError('usage', `--concurrent-uploads ${String(value)} is not a number of uploads`, {
    next: 'use a whole number from 1 on',
  })
}

/** An option's duration, ms. Throws UserError('usage') for what is none. @param write examples of it: "90s, 10m or 1h" */
export function durationOf(values: Record<string, unknown>, name: string, write: string): number {
  const ms = parseDuration(text(values, name))
  if (ms !== undefined) return ms
  throw new UserError('usage', `--${name} ${text(values, name)} is not a duration`, {
    next: `write ${write}`,
  })
}

/** A string option's value. */
export function text(values: Record<string, unknown>, name: string): string {
  const value = values[name]
  return typeof value === 'string' ? value : ''
}

/** A repeatable option's values. */
export function list(values: Record<string, unknown>, name: string): string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}
