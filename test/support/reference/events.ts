import { braced, commentText, type Field, fieldsOf, wordsOf } from './declarations.js'
import { code, generated, markdownTable, paragraphs } from './markdown.js'

/** An event by its `type`. */
export interface EventType {
  name: string
  about: string
  fields: readonly Field[]
}

/** The events in the text of src/engine/events.ts: the members of the union RunEvent. */
export function eventTypes(source: string): EventType[] {
  const begin = source.indexOf('export type RunEvent =')
  const events: EventType[] = []
  for (let at = begin; ; ) {
    const member = /\s*(?:\/\*\*([\s\S]*?)\*\/\s*)?\|\s*\{/y
    member.lastIndex = at === begin ? source.indexOf('\n', begin) : at
    const found = member.exec(source)
    if (!found) return events
    const { inside, end } = braced(source, member.lastIndex - 1)
    const [type, ...fields] = fieldsOf(inside)
    events.push({ name: type?.type.replaceAll("'", '') ?? '', about: commentText(found[1] ?? ''), fields })
    at = end
  }
}

/** The fields of an exported interface. */
export function interfaceFields(source: string, name: string): Field[] {
  return fieldsOf(braced(source, source.indexOf(`export interface ${name}`)).inside)
}

/** The page of all events, from the text of the files that declare them. */
export function eventsPage(files: { events: string; errors: string; steps: string }): string {
  const words = (name: string, source: string): string => wordsOf(source, name).map(code).join(', ')
  const types: Types = {
    StepRef: '[step](#a-step)',
    ErrorFields: '[error](#an-error)',
    Change: '[change](#a-change)',
    StepStatus: words('StepStatus', files.events),
    Disruption: words('Disruption', files.steps),
    Counts: 'counts by status',
  }
  return paragraphs(
    '# Events',
    `${generated} With \`--output json\` a run prints its events, one JSON object a line, in the order in which they happen; the log of a run has them too. Times are milliseconds: \`at\` since the run began, \`ms\` how long it took. \`plan -o json\` has two more, [planned-step and plan-summary](../plan.md#plan--o-json).`,
    ...eventTypes(files.events).flatMap(({ name, about, fields }) => [
      `## ${name}`,
      about,
      fieldTable(fields, types),
    ]),
    '## A step',
    'The field `step` of an event, and each of `steps`:',
    fieldTable(interfaceFields(files.events, 'StepRef'), types),
    '## An error',
    'The field `error` of an event:',
    fieldTable(interfaceFields(files.errors, 'ErrorFields'), types),
    '## A change',
    'Each of `changes`: see [Plans](../plan.md#changes).',
  )
}

/** What a type of the code is called for readers. */
type Types = Readonly<Record<string, string>>

/** What fields mean that are in most events. */
const common: Types = {
  at: 'Milliseconds since the run began.',
  ms: 'Milliseconds that it took.',
  step: 'The step it is about.',
}

const fieldTable = (fields: readonly Field[], types: Types): string =>
  markdownTable(
    ['Field', 'Type', 'Meaning'],
    fields.map(({ name, optional, type, about }) => [
      code(name),
      typeText(type, types) + (optional ? ', may be absent' : ''),
      about || (common[name] ?? ''),
    ]),
  )

/** `readonly StepRef[]` → "list: step". */
function typeText(type: string, types: Types): string {
  const [, item] = /^readonly (.*)\[\]$/.exec(type) ?? []
  if (item !== undefined) return `list: ${typeText(item, types)}`
  const [, entries] = /^Readonly<Record<string, (.*)>>$/.exec(type) ?? []
  if (entries !== undefined) return `mapping: ${typeText(entries, types)}`
  const union = [...type.matchAll(/'([^']+)'/g)].map(([, word = '']) => code(word))
  return types[type] ?? (union.length > 0 ? union.join(', ') : code(type))
}
