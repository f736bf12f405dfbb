import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../src/kubernetes/client/api-error.js'
import { NoAnswer } from '../../../src/lib/errors.js'
import { readLiving } from '../../../src/preflight/read-living.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const failing = (error: unknown) => {
  const plane = { ...machine(), host: fakeHost('cp1') }
  return readLiving(
    contextOf([plane], { kube: Object.assign(() => Promise.reject(error), { renew: () => {} }) }),
  )
}

describe('an API that tells nothing', () => {
  test.each([401, 403])(
    'because it refuses the administrator (%i) is silent, with the reason',
    async (status) => {
      const found = await failing(
        new ApiError(status, 'Unauthorized', `GET /api/v1/nodes: ${status} Unauthorized`),
      )
      expect(found).toEqual({
        silence: `GET /api/v1/nodes: ${status} Unauthorized: the API refuses the administrator of /etc/kubernetes/admin.conf`,
      })
    },
  )

  test('because it does not answer is silent', async () => {
    expect(await failing(new Error('connection refused'))).toEqual({ silence: 'connection refused' })
    expect(await failing(new ApiError(503, '', 'GET /: 503'))).toEqual({ silence: 'GET /: 503' })
  })

  test('because of a bug, or because a host gave no answer, is no finding at all', async () => {
    await expect(failing(new TypeError('x is undefined'))).rejects.toThrow('x is undefined')
    await expect(failing(new NoAnswer('silent'))).rejects.toThrow('silent')
  })
})
