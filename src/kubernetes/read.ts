import type { Json } from './client/kube-client.js'

/** The value at a path of an API object, or undefined. */
export function at(object: unknown, ...path: readonly (string | number)[]): unknown {
  let here = object
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Reflect.get(here, part)
  }
  return here
}

export function textAt(object: unknown, ...path: readonly (string | number)[]): string {
  const value = at(object, ...path)
  return typeof value === 'string' ? value : ''
}

export function listAt(object: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = at(object, ...path)
  return Array.isArray(value) ? value : []
}

/** A condition of an object, with its message and times; undefined when there is none. */
export const conditionOf = (object: Json, type: string): unknown =>
  listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type)

/** status of a condition: "True", "False", "Unknown", or '' when there is none. */
export const condition = (object: Json, type: string): string => textAt(conditionOf(object, type), 'status')

/** The InternalIP of a Node; '' when it has none. */
export const internalAddress = (node: unknown): string =>
  textAt(
    listAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === 'InternalIP'),
    'address',
  )

export const nameOf = (object: unknown): string => textAt(object, 'metadata', 'name')
