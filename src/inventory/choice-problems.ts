import { nearest } from '../lib/nearest.js'
import type { Known } from './known.js'
import { chosenRuntime } from './runtime-choice.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { insteadOf, minorOf, parseVersion } from './version.js'

/** A version, runtime or network that is not known, or that do not go together. */
export function choiceProblems(inventory: Inventory, known: Known): Found[] {
  const { kubernetes, runtime, docker, network } = inventory
  const found: Found[] = []
  const path = ['kubernetes', 'version']
  const version = parseVersion(kubernetes.version)
  if (!version)
    found.push({
      path,
      what: `"${kubernetes.version}" is not a version`,
      write: 'use three numbers, quoted: version: "1.20.2"',
    })
  else if (!known.minors.includes(minorOf(version)))
    found.push({
      path,
      what: `Kubernetes ${minorOf(version)} is not supported`,
      write: insteadOf(minorOf(version), known.minors),
    })
  const choose = (key: 'runtime' | 'network', value: string | undefined, of: readonly string[]): void => {
    if (value === undefined || of.includes(value)) return
    const close = nearest(value, of)
    found.push({
      path: [key],
      what: `unknown ${key} ${value}`,
      write: `${close ? `did you mean ${close}? ` : ''}one of: ${of.join(', ')}`,
    })
  }
  choose('runtime', runtime, known.runtimes)
  choose('network', network, known.networks)
  const chosen = chosenRuntime(inventory, known)
  const problem =
    version && known.minors.includes(minorOf(version)) && known.runtimes.includes(chosen)
      ? known.runtimeProblem(chosen, minorOf(version))
      : undefined
  if (problem)
    found.push({
      path: runtime ? ['runtime'] : path,
      what: `runtime ${chosen} is not supported`,
      write: problem,
    })
  const wanted = version ? known.programsFor(chosen, minorOf(version)) : []
  if (docker?.criDockerd !== undefined && version && !wanted.includes('cri-dockerd'))
    found.push({
      path: ['docker', 'criDockerd'],
      key: true,
      what: `cri-dockerd has no effect with runtime ${chosen} and Kubernetes ${minorOf(version)}`,
      write: 'remove it',
    })
  return found
}
