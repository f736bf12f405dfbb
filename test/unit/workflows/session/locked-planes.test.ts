import { expect, test } from 'vitest'
import { lockedPlanes } from '../../../../src/workflows/session/locked-planes.js'
import { hostSpec } from '../../../support/spec.js'

const plane = (name: string, over: Parameters<typeof hostSpec>[0] = {}) =>
  hostSpec({ name, roles: ['control-plane'], ...over })
const [cp1, cp2, cp3] = [plane('cp1'), plane('cp2'), plane('cp3')]
const worker = hostSpec({ name: 'w1', roles: ['worker'] })
const reached = (...specs: ReturnType<typeof plane>[]) => specs.map((spec) => ({ spec }))

test('the lock lies on every control plane, reached or not', () => {
  expect(lockedPlanes([cp1, cp2, cp3, worker], reached(cp1, worker))).toBe(3)
})

test('it does not lie on one that is declared down, nor on one that is lost and leaves', () => {
  expect(lockedPlanes([cp1, cp2, plane('cp3', { state: 'down' })], reached(cp1, cp2))).toBe(2)
  expect(lockedPlanes([cp1, cp2, cp3], reached(cp1, cp2), ['cp3'])).toBe(2)
})

test('it does lie on one that leaves and answers', () => {
  expect(lockedPlanes([cp1, cp2, cp3], reached(cp1, cp2, cp3), ['cp1', 'cp2', 'cp3'])).toBe(3)
})

test('it lies on none where workers leave and no control plane is reached; one that stays or leaves keeps it', () => {
  expect(lockedPlanes([cp1, worker], reached(worker), ['w1'])).toBe(0)
  expect(lockedPlanes([cp1, worker], reached(cp1, worker), ['w1'])).toBe(1)
  expect(lockedPlanes([cp1, cp2, worker], reached(worker), ['w1', 'cp1'])).toBe(1)
  expect(lockedPlanes([cp1, worker], reached(worker))).toBe(1)
})
