import { indent, table } from '../ui/format.js'

/** Commands to type, each with what it is for. */
type Commands = readonly (readonly [command: string, what: string])[]

/** What to type next, a command a line with what it is for. */
export function nextSteps(commands: Commands): string {
  return `\nNext:\n${furtherSteps(commands)}`
}

/** More of it. */
export function furtherSteps(commands: Commands): string {
  return `${indent(table(commands), '  ')}\n`
}
