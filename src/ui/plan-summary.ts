import type { HostSummary, Interruption, PlanSummary } from '../engine/summary.js'
import { hostNames, table } from './format.js'
import { shownLine } from './screen.js'

/** Columns that texts are kept to where words allow. */
const columns = 80

/** What a plan changes, a row a host and phase; hosts with the same rows share them. '' where there is nothing. */
export function changesText({ hosts }: PlanSummary): string {
  if (hosts.length === 0) return ''
  const alike = new Map<string, HostSummary[]>()
  for (const host of hosts) {
    const rows = JSON.stringify(host.phases)
    alike.set(rows, [...(alike.get(rows) ?? []), host])
  }
  const rows = [...alike.values()].flatMap((group) => {
    const names = hostNames(group.map(({ host }) => host))
    return (group[0]?.phases ?? []).map((phase, i) => [i === 0 ? names : '', phase.phase, countsOf(phase)])
  })
  return `${table([['HOST', 'PHASE', 'CHANGES'], ...rows])}\n`
}

function countsOf({ changes, unknown, failed }: HostSummary['phases'][number]): string {
  return [
    ...Object.entries(changes).map(([kind, n]) => `${n} ${kind}`),
    ...(unknown > 0 ? [`${unknown} known after apply`] : []),
    ...(failed > 0 ? [`${failed} could not be checked`] : []),
  ].join(', ')
}

/** What a plan interrupts, a paragraph a host; '' where it interrupts nothing. */
export function interruptionsText({ interruptions }: PlanSummary): string {
  if (interruptions.length === 0) return ''
  return `Interrupts:\n${interruptions.map((one) => folded(shownLine(`${one.host}: ${sentence(one)}`))).join('\n')}\n`
}

function sentence(one: Interruption): string {
  return [
    ...(one.drained ? ['drains the node'] : []),
    ...(one.restarts.length > 0 ? [`restarts ${one.restarts.join(', ')}`] : []),
    ...(one.recreates.length > 0 ? [`recreates static Pods ${one.recreates.join(', ')}`] : []),
    ...(one.workloads.length > 0 ? [`recreates the Pods of ${one.workloads.join(', ')}`] : []),
    ...(one.resumed.length > 0
      ? [`restarts ${one.resumed.join(', ')}, which an earlier run left to be done`]
      : []),
    ...(one.removes.length > 0 ? [`removes ${one.removes.join(', ')}`] : []),
    ...(one.maybe.length > 0 ? [`may interrupt, known after apply: ${one.maybe.join(', ')}`] : []),
    ...(one.lacks.length > 0 ? [`the cluster lacks meanwhile: ${one.lacks.map(lacking).join(', ')}`] : []),
    ...(one.seconds === undefined ? [] : [`clients wait for up to about ${one.seconds} s`]),
  ].join('; ')
}

const lacking = (kind: Interruption['lacks'][number]): string =>
  ({ etcd: 'an etcd member', api: 'an API server', node: 'the node', balancer: 'a load balancer' })[kind]

/** Words on lines of at most so many columns, moved right by two and the later ones by four. */
function folded(text: string): string {
  const lines: string[] = []
  let line = '  '
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + word.length > columns) {
      lines.push(line.trimEnd())
      line = '    '
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()].join('\n')
}
