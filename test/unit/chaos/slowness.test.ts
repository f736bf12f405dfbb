import { expect, test } from 'vitest'
import { slownessProblem } from '../../chaos/slowness.js'

// from one machine to another and back a frame crosses four links: 200 ms, and 39 of 1000 are lost
test.each([
  [{ sent: 1_000, received: 961, medianMs: 201 }, 4, ''],
  [{ sent: 1_000, received: 981, medianMs: 115 }, 2, ''],
  [{ sent: 1_000, received: 961, medianMs: 0.2 }, 4, 'an answer takes 0.2 ms, not 200 to 400'],
  [{ sent: 1_000, received: 961, medianMs: 101 }, 4, 'an answer takes 101.0 ms, not 200 to 400'],
  [{ sent: 1_000, received: 961, medianMs: 900 }, 4, 'an answer takes 900.0 ms, not 200 to 400'],
  [{ sent: 1_000, received: 1_000, medianMs: 201 }, 4, '0 of 1000 requests are lost, not about 39'],
  [{ sent: 1_000, received: 700, medianMs: 201 }, 4, '300 of 1000 requests are lost, not about 39'],
  [{ sent: 1_000, received: 0, medianMs: null }, 4, 'no echo request is answered'],
])('of %j over %i links is said: %s', (seen, crossings, problem) => {
  expect(slownessProblem(seen, crossings)).toBe(problem)
})
