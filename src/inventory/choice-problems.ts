import { nearest } from '../lib/nearest.js'
import type { Known } from './known.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { minorOf, parseVersion } from './version.js'

/** A version, runtime or network that is not known, or that do not go together. */
export function choiceProblems(
  { kubernetes, runtime, docker, network, flannel, unset }: Inventory,
  known: Known,
): Found[] {
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
      write: known.insteadOf(minorOf(version)),
    })
  if (/^cri-?o$/i.test(runtime))
    found.push({
      path: ['runtime'],
      what: 'CRI-O is not supported',
      write: 'use runtime: containerd, or docker with cri-dockerd',
    })
  const choose = (key: 'runtime' | 'network', value: string, of: readonly string[]): void => {
    if (of.includes(value) || /^cri-?o$/i.test(value)) return
    const close = nearest(value, of)
    found.push({
      path: [key],
      what: `unknown ${key} ${value}`,
      write: `${close ? `did you mean ${close}? ` : ''}one of: ${of.join(', ')}`,
    })
  }
  choose('runtime', runtime, known.runtimes)
  choose('network', network, known.networks)
  const problem =
    version && known.minors.includes(minorOf(version)) && known.runtimes.includes(runtime)
      ? known.runtimeProblem(runtime, minorOf(version))
      : undefined
  if (problem)
    found.push({
      path: unset.includes('runtime') ? path : ['runtime'],
      what: `runtime ${runtime} is not supported`,
      write: problem,
    })
  const wanted = version ? known.programsFor(runtime, minorOf(version)) : []
  if (docker?.criDockerd !== undefined && version && !wanted.includes('cri-dockerd'))
    found.push({
      path: ['docker', 'criDockerd'],
      key: true,
      what: `cri-dockerd has no effect with runtime ${runtime} and Kubernetes ${minorOf(version)}`,
      write: 'remove it',
    })
  if (flannel !== undefined && network !== 'flannel')
    found.push({
      path: ['flannel'],
      key: true,
      what: `flannel has no effect with network ${network}`,
      write: 'remove it, or set network: flannel',
    })
  return found
}
