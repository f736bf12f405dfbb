import { stepsOf, stepsOfAllHops } from './plan-steps.js'
import { offered, type ShownPlan } from './shown-plan.js'

/** A plan as `-o json` prints it; every field is in docs/upgrade.md. Pure. */
export function asJson(shown: ShownPlan): object {
  const { plan, supply, spec, away } = shown
  const { wished, seen, wish, hops, findings } = plan
  const roles = new Map(spec.hosts.map((host) => [host.name, host.roles]))
  return {
    format: 1,
    inventory: spec.file,
    inventoryVersion: spec.version,
    wished,
    source: { from: supply.from, versions: offered(supply), unanswered: shown.silent ?? null },
    nodes: seen.nodes.map((node) => ({
      host: node.host,
      roles: roles.get(node.host) ?? [],
      inInventory: roles.has(node.host),
      reached: node.away !== true,
      apiServer: node.apiServer ?? null,
      controllerManager: node.controllerManager ?? null,
      scheduler: node.scheduler ?? null,
      kubelet: node.kubelet ?? null,
    })),
    unknown: seen.unknown,
    away,
    kind: wish.kind,
    halfWay: 'halfWay' in wish ? wish.halfWay : false,
    behind: 'behind' in wish ? wish.behind : [],
    refused:
      wish.kind === 'refused'
        ? { reason: wish.reason, what: wish.what, why: wish.why, next: wish.next }
        : null,
    hops: hops.map(({ hop, effects }) => ({
      from: hop.from,
      to: hop.to,
      kind: hop.kind,
      untested: hop.untested,
      available: hop.available,
      machines: hop.machines.map(({ host, controlPlane, kubelet }) => ({
        host,
        controlPlane: controlPlane ?? null,
        kubelet: kubelet ?? null,
      })),
      effects,
    })),
    findings: findings.map(({ check, host, severity, ignored, what, next, hops: to }) => ({
      check,
      host,
      severity,
      ignored,
      what,
      next,
      hops: to,
    })),
    steps: stepsOf(shown),
    allHops: stepsOfAllHops(shown) ?? null,
  }
}
