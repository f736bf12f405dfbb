import { describe, expect, it } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { goneObjects } from '../../../src/upgrade/look-at-cluster.js'

const { goneApis } = releaseFor('1.25')

/** An API that answers these paths, and 404 elsewhere. */
function api(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = []
  return {
    asked,
    text: async (path: string) => {
      asked.push(path)
      return path in answers
        ? { status: 200, body: JSON.stringify(answers[path]) }
        : { status: 404, body: 'not found' }
    },
  }
}

describe('Objects of APIs that go', () => {
  it('are read by the API that stays: a read by the other would count as a use of it', async () => {
    const kube = api({
      '/apis/batch/v1/cronjobs': {
        items: [
          {
            metadata: {
              name: 'nightly',
              namespace: 'shop',
              managedFields: [{ manager: 'helm', apiVersion: 'batch/v1beta1' }],
            },
          },
        ],
      },
      '/apis/policy/v1beta1/podsecuritypolicies': { items: [{ metadata: { name: 'restricted' } }] },
      '/apis/node.k8s.io/v1/runtimeclasses': { items: null },
    })
    const found = await goneObjects(kube, goneApis)
    expect(kube.asked.filter((path) => path.includes('beta'))).toEqual([
      '/apis/policy/v1beta1/podsecuritypolicies',
    ])
    expect(found.filter(({ objects }) => objects.length > 0)).toEqual([
      {
        apiVersion: 'batch/v1beta1',
        resource: 'cronjobs',
        instead: 'batch/v1',
        objects: ['nightly'],
        writings: [{ object: 'shop/nightly', by: 'helm' }],
      },
      {
        apiVersion: 'policy/v1beta1',
        resource: 'podsecuritypolicies',
        instead: undefined,
        objects: ['restricted'],
        writings: [],
      },
    ])
  })

  it('are not none where the API does not answer as it should', async () => {
    const refusing = { text: async () => ({ status: 403, body: '{}' }) }
    await expect(goneObjects(refusing, goneApis)).rejects.toThrow('answers 403 to GET /apis/')
    const babbling = { text: async () => ({ status: 200, body: '<html>' }) }
    await expect(goneObjects(babbling, goneApis)).rejects.toThrow('cannot use the answer to GET /apis/')
  })
})
