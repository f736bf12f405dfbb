import { expect, it } from 'vitest'
import { saidOfUnits, unitsIn } from '../../support/units-answer.js'

it('what a host said of units is known by unit, and said again to who asks about others together', () => {
  const args = ['b.service c.service', 'a.service', 'b.service', 'c.service']
  const text = saidOfUnits(
    args,
    (unit) => `LoadState=loaded\nActiveState=${unit}`,
    (unit) => `enabled-${unit}`,
  )
  const settled = text.replace('@enabled', '@settled\nActiveState=x\n\nActiveState=y\n@enabled')
  expect(unitsIn(args, text)[0]).toEqual({
    unit: 'a.service',
    block: 'LoadState=loaded\nActiveState=a.service',
    enabled: undefined,
  })
  expect(unitsIn(args, settled).slice(1)).toEqual([
    { unit: 'b.service', block: 'ActiveState=x', enabled: 'enabled-b.service' },
    { unit: 'c.service', block: 'ActiveState=y', enabled: 'enabled-c.service' },
  ])
})
