import { nearest } from '../lib/nearest.js'
import type { Path } from '../lib/yaml-source.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** What Go's strconv.ParseBool reads, by which components read their gates. */
const booleans = ['true', 'false', 'True', 'False', 'TRUE', 'FALSE', 't', 'f', 'T', 'F', '1', '0']

/** Values of --feature-gates that no component could read: it would not start. etcd has gates of the same form. */
export function gateProblems(inventory: Inventory): Found[] {
  const places: [path: Path, value: string | undefined][] = [
    ...(['apiServer', 'controllerManager', 'scheduler', 'etcd', 'kubelet'] as const).map(
      (component): [Path, string | undefined] => [
        [component, 'extraArgs', 'feature-gates'],
        inventory[component]?.extraArgs?.['feature-gates'],
      ],
    ),
    ...settingsOf(inventory).map(({ path, settings }): [Path, string | undefined] => [
      [...path, 'kubelet', 'extraArgs', 'feature-gates'],
      settings.kubelet?.extraArgs?.['feature-gates'],
    ]),
  ]
  return places.flatMap(([path, value]) =>
    (value ?? '')
      .split(',')
      // component-base/featuregate leaves out what is empty
      .filter((gate) => gate !== '')
      .flatMap((gate) => (isGate(gate) ? [] : [problem(path, gate)])),
  )
}

function isGate(text: string): boolean {
  const [name = '', value = '', ...more] = text.split('=').map((part) => part.trim())
  return more.length === 0 && /^[A-Za-z][A-Za-z0-9]*$/.test(name) && booleans.includes(value)
}

function problem(path: Path, gate: string): Found {
  const [name = '', value = ''] = gate.split('=').map((part) => part.trim())
  const close = nearest(value, ['true', 'false'])
  return {
    path,
    what: `${JSON.stringify(gate)} is not a feature gate`,
    write: `Name=true or Name=false, with commas between several${close ? `: ${name}=${close}` : ''}`,
  }
}
