import { commentText } from './declarations.js'
import { code, generated, paragraphs } from './markdown.js'

interface PhaseWords {
  id: string
  title: string
  about: string
}

/** INPUTS and OUTPUTS of phases by their id, from the comments in the files of src/phases. */
export function phaseHeaders(sources: readonly string[]): Map<string, { inputs: string; outputs: string }> {
  return new Map(
    sources.flatMap((source) =>
      [
        ...source.matchAll(
          /\/\*\*((?:(?!\*\/)[\s\S])*?INPUTS:(?:(?!\*\/)[\s\S])*)\*\/\s*export (?:(?!\/\*\*)[\s\S])*?\bid: '([\w-]+)'/g,
        ),
      ].map(([, comment = '', id = '']): [string, { inputs: string; outputs: string }] => {
        const [, inputs = '', outputs = ''] = /INPUTS: (.*?) OUTPUTS: (.*)/.exec(commentText(comment)) ?? []
        return [id, { inputs, outputs }]
      }),
    ),
  )
}

/** The page of the phases of `up`, in their order. @param sources the texts of the files in src/phases */
export function phasesPage(phases: readonly PhaseWords[], sources: readonly string[]): string {
  const headers = phaseHeaders(sources)
  return paragraphs(
    '# Phases',
    `${generated} The phases of \`up\` in their order, which is that of a birth too. A step starts when what it needs is there, so that phases overlap ([How it works](../concepts/how-it-works.md)). \`kubestrap phase list\` lists them, \`kubestrap phase run NAME\` runs some.`,
    ...phases.flatMap(({ id, about }) => {
      const header = headers.get(id)
      return [
        `## ${id}`,
        about,
        header ? [`- Needs: ${header.inputs}`, `- Makes: ${header.outputs}`].join('\n') : '',
      ]
    }),
    `Names for \`phase run\`: ${phases.map(({ id }) => code(id)).join(', ')}.`,
  )
}
