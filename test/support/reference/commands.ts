import type { Options, PositionalOptions } from 'yargs'
import type { Command } from '../../../src/cli/command.js'
import { code, generated, markdownTable, paragraphs } from './markdown.js'

/** The page of all commands, from the definitions that yargs parses by. */
export function commandsPage(commands: readonly Command[]): string {
  return paragraphs(
    '# Commands',
    `${generated} [Commands at a glance](../commands.md) says in short what each is for.`,
    'Every command takes `--help`. An option that is a switch and is on by default is turned off by `--no-` before its name.',
    ...commands.flatMap((command) => sections(command, 'kubestrap')),
  )
}

function sections(command: Command, before: string): string[] {
  const [word = ''] = command.name.split(' ')
  const path = `${before} ${word}`
  const level = '#'.repeat(path.split(' ').length)
  const usage = `${before} ${command.name}`
  const children = command.children ?? []
  return [
    `${level} ${path}`,
    sentence(command.about),
    ...(children.length > 0
      ? [`Subcommands: ${children.map(({ name }) => code(name.split(' ')[0] ?? '')).join(', ')}.`]
      : [['```sh', command.example, '```'].join('\n')]),
    ...(usage === path || children.length > 0 ? [] : [`Usage: ${code(usage)}`]),
    argumentTable(command.positionals ?? {}),
    optionTable(command.options ?? {}),
    ...children.flatMap((child) => sections(child, path)),
  ]
}

function argumentTable(positionals: Record<string, PositionalOptions>): string {
  const rows = Object.entries(positionals).map(([name, { describe }]) => [code(name), describe ?? ''])
  return rows.length === 0 ? '' : markdownTable(['Argument', 'Meaning'], rows)
}

function optionTable(options: Record<string, Options>): string {
  const rows = Object.entries(options).map(([name, option]) => [
    [`--${name}`, ...[option.alias ?? []].flat().map((alias) => `-${alias}`)].map(code).join(', '),
    valuesOf(option),
    defaultOf(option),
    option.describe ?? '',
  ])
  return rows.length === 0 ? '' : markdownTable(['Option', 'Value', 'Default', 'Meaning'], rows)
}

function valuesOf({ choices, type, array }: Options): string {
  if (choices) return choices.map((choice) => code(String(choice))).join(', ')
  if (type === 'boolean') return 'switch'
  return array ? 'text, repeatable' : 'text'
}

function defaultOf({ default: value, defaultDescription }: Options): string {
  if (defaultDescription !== undefined) return defaultDescription
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return ''
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return code(String(value))
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
