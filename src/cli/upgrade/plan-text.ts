import { dirname } from 'node:path'
import type { ClusterSpec } from '../../inventory/spec.js'
import { minorOf } from '../../inventory/version.js'
import { alike, hostsText } from '../../preflight/alike.js'
import { duration, indent, table } from '../../ui/format.js'
import type { HopEffects } from '../../upgrade/hop-effects.js'
import type { Hop } from '../../upgrade/hops.js'
import { type PlanStep, stepsOf, stepsOfAllHops } from './plan-steps.js'
import { offered, type ShownPlan } from './shown-plan.js'

/** A plan for people: what is there, where it would go, what that interrupts, what stands in the way, what to run. Pure. */
export function asText(shown: ShownPlan): string {
  const parts = [versionsText(shown), nodesText(shown), ...wayText(shown), ...findingsText(shown)]
  return `${[...parts, verdict(shown)].join('\n\n')}\n`
}

function versionsText({ supply, bundles, silent }: ShownPlan): string {
  const names = offered(supply).map(({ version, untested }) => `${version}${untested ? ' (untested)' : ''}`)
  const from = {
    bundle: bundles.size > 1 ? 'The bundle and those beside it have' : 'The bundle has',
    download: 'Downloads have',
    packages: 'Packages are there of',
  }
  const more = supply.from === 'bundle' ? '' : ', and other patch releases of these minors'
  const asked =
    silent === undefined
      ? ''
      : `\nThese are the patch releases that kubestrap knows, of some or all minors: the site did not say which are the newest (${silent}).`
  return `${from[supply.from]} Kubernetes ${names.join(', ') || '(none)'}${more}.${asked}`
}

function nodesText({ plan: { seen }, spec }: ShownPlan): string {
  if (seen.nodes.length === 0) return 'No node was found.'
  const ours = new Set(spec.hosts.map(({ name }) => name))
  return table([
    ['NODE', 'API SERVER', 'KUBELET', ''],
    ...seen.nodes.map(({ host, apiServer, kubelet, away }) => [
      host,
      apiServer ?? '-',
      kubelet ?? '-',
      away === true ? (ours.has(host) ? 'not reached' : 'not in the inventory') : '',
    ]),
  ])
}

function wayText({ plan: { wish, hops, wished } }: ShownPlan): string[] {
  if (wish.kind === 'refused') return [`${wish.what}:\n${indent(wish.why)}\n→ ${wish.next}`]
  const begun =
    'halfWay' in wish && wish.halfWay
      ? ' An upgrade was begun: what has the version already is left alone.'
      : ''
  const behind =
    'behind' in wish && wish.behind.length > 0
      ? [
          `Not reached, and older than ${wished}: ${wish.behind.join(', ')}. They are upgraded by the next run that reaches them.`,
        ]
      : []
  if (hops.length === 0) return behind
  const count = hops.length === 1 ? 'One hop' : `${hops.length} hops`
  return [
    `${count} to Kubernetes ${wished}.${begun}`,
    ...hops.map(({ hop, effects }, i) => hopText(hop, effects, hops.length > 1 ? `${i + 1}. ` : '')),
    ...behind,
  ]
}

function hopText({ from, to, untested }: Hop, effects: HopEffects, number: string): string {
  const drained = effects.hosts.filter((one) => one.drained).map(({ host }) => host)
  const kubelets = effects.hosts.filter((one) => one.restarts.length > 0 && !one.drained)
  const planes = effects.hosts.filter(({ recreates }) => recreates.length > 0)
  const pods = planes[0]?.recreates ?? []
  const gap =
    effects.apiGapSeconds === null
      ? 'the API does not answer while its only server restarts'
      : effects.apiGapSeconds > 0
        ? `the API does not answer for up to ${effects.apiGapSeconds} s at a time`
        : ''
  const lines = [
    `about ${duration(effects.seconds * 1000)} (an estimate)`,
    ...(planes.length > 0
      ? [
          `static Pods ${pods.join(', ')} replaced, one after the other: ${hostsText(planes.map(({ host }) => host))}`,
        ]
      : []),
    ...(gap === '' ? [] : [gap]),
    ...(effects.workloads.length > 0 ? [`Pods of ${effects.workloads.join(' and ')} replaced`] : []),
    ...(drained.length > 0 ? [`drained, kubelet restarted, uncordoned: ${hostsText(drained)}`] : []),
    ...(kubelets.length > 0 ? [`kubelet restarted: ${hostsText(kubelets.map(({ host }) => host))}`] : []),
  ]
  const note = untested ? ` (kubestrap has not tested ${minorOf(to)} yet)` : ''
  return `${number}${from} → ${to}${note}\n${indent(lines.join('\n'))}`
}

function findingsText({ plan: { findings, hops } }: ShownPlan): string[] {
  const rows = alike(findings).map(({ check, severity, ignored, hosts, what, next }) => {
    const found = findings.find((one) => one.check === check && one.what === what && one.next === next)
    const where = hops.length > 1 && found ? ` (${found.hops.map(minorOf).join(', ')})` : ''
    const word = severity === 'error' && ignored ? 'ignored' : severity
    return {
      fatal: word === 'error',
      text: `${word}: [${check}] ${hostsText(hosts)}${where}: ${what}\n  → ${next}`,
    }
  })
  const [fatal, others] = [rows.filter((row) => row.fatal), rows.filter((row) => !row.fatal)]
  return [
    ...(fatal.length > 0 ? [['In the way:', ...fatal.map(({ text }) => indent(text))].join('\n')] : []),
    ...(others.length > 0 ? [['To know:', ...others.map(({ text }) => indent(text))].join('\n')] : []),
  ]
}

function verdict(shown: ShownPlan): string {
  const { plan } = shown
  const { wish, wished, findings } = plan
  if (wish.kind === 'refused') return 'Nothing was changed; this upgrade is refused.'
  if (wish.kind === 'birth') return 'There is no cluster yet: kubestrap up creates one.'
  if (wish.kind === 'none') return `Every node that was reached runs Kubernetes ${wished}.`
  const fatal = findings.filter(({ severity, ignored }) => severity === 'error' && !ignored).length
  const begin =
    fatal > 0
      ? `Nothing was changed; ${fatal === 1 ? 'one problem stands' : `${fatal} problems stand`} in the way. When fixed`
      : 'Nothing was changed. To upgrade'
  return `${begin}${waysText(shown)}`
}

/** What to do, and in which ways; it ends the sentence that it follows. */
function waysText(shown: ShownPlan): string {
  const { plan, supply, spec } = shown
  const byHop = stepsText(stepsOf(shown), spec)
  if (plan.hops.length < 2) return `:\n${byHop}`
  const all = stepsOfAllHops(shown)
  if (all)
    return `, all hops by one command, each verified before the next:\n${stepsText(all, spec)}\nOr hop by hop:\n${byHop}`
  const why = supply.from === 'bundle' ? allHopsNeed(spec) : ''
  return `, hop by hop:\n${byHop}${why}`
}

function allHopsNeed({ binaries }: ClusterSpec): string {
  const beside = binaries.bundle === undefined ? '' : ` in ${dirname(binaries.bundle)}`
  return `\nAll hops by one command (kubestrap up --hops) require a bundle of each version${beside}, and no binaries.sha256.`
}

const stepsText = (steps: readonly PlanStep[], { at }: ClusterSpec): string =>
  steps
    .map((step) => {
      if ('run' in step) return `  ${step.run}`
      const value = step.to === null ? 'the value that bundle create printed' : `"${step.to}"`
      return `  set ${step.set} to ${value} (${at(step.set)})`
    })
    .join('\n')
