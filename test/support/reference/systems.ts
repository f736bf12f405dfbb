import type { Facts } from '../../../src/host/facts/facts.js'
import type { System } from '../../../src/os/os.js'
import { code, generated, markdownTable, paragraphs } from './markdown.js'

/** What a system is asked of, where only what is always true of it counts. */
const anyFacts = (id: string): Facts =>
  ({ os: { id, version: '', name: id, like: [] }, kernel: '', container: 'none' }) as unknown as Facts

/** The page of operating systems, from the catalog. */
export function systemsPage(systems: readonly System[]): string {
  return paragraphs(
    '# Operating systems',
    `${generated} A host is recognized by the \`ID\` and \`VERSION_ID\` of its os-release(5). *Ran for real*: a cluster of real components was created on it; the other versions were tested by captured outputs and simulated package managers ([What ran for real](../what-ran.md)). Settings: [Operating systems](../tasks/systems.md).`,
    markdownTable(
      ['ID', 'Versions', 'Ran for real', 'Note'],
      systems.map((system) => [
        code(system.id),
        system.known.map((version) => (version === '*' ? 'rolling' : version)).join(', '),
        system.ran?.join(', ') ?? '-',
        noteOf(system),
      ]),
    ),
    'A version that is not in the table is used, and told as one that was not tested.',
  )
}

function noteOf(system: System): string {
  const { imageBased } = system.of(anyFacts(system.id))
  if (imageBased) return `refused: ${imageBased.why}`
  return system.since ? `before ${system.since.version} refused: ${system.since.why}` : ''
}
