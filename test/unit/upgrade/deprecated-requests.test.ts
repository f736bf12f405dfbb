import { describe, expect, it } from 'vitest'
import { deprecatedRequests } from '../../../src/upgrade/deprecated-requests.js'
import { oldWritings } from '../../../src/upgrade/last-writers.js'

const gauge = 'apiserver_requested_deprecated_apis'

describe('The metrics of an API server', () => {
  it('name the deprecated APIs that it was asked for, with the minor that no longer has them', () => {
    const metrics = [
      `# HELP ${gauge} [STABLE] Gauge of deprecated APIs that have been requested`,
      `# TYPE ${gauge} gauge`,
      `${gauge}{group="policy",removed_release="1.25",resource="poddisruptionbudgets",subresource="",version="v1beta1"} 1`,
      `${gauge}{group="extensions",removed_release="1.22",resource="ingresses",subresource="status",version="v1beta1"} 1`,
      // no minor is named: Endpoints stay
      `${gauge}{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1`,
      'apiserver_request_total{group="policy",version="v1beta1"} 12',
    ].join('\n')
    expect(deprecatedRequests(metrics)).toEqual([
      { apiVersion: 'policy/v1beta1', resource: 'poddisruptionbudgets', removed: '1.25' },
      { apiVersion: 'extensions/v1beta1', resource: 'ingresses/status', removed: '1.22' },
    ])
  })

  it.each([
    ['nothing', ''],
    ['a value of 0', `${gauge}{group="a",removed_release="1.25",resource="b",subresource="",version="v1"} 0`],
    [
      'another name',
      `x_${gauge}{group="a",removed_release="1.25",resource="b",subresource="",version="v1"} 1`,
    ],
    ['no version', `${gauge}{group="a",removed_release="1.25",resource="b",subresource=""} 1`],
    ['a minor that is none', `${gauge}{group="a",removed_release="soon",resource="b",version="v1"} 1`],
  ])('say nothing with %s', (_, metrics) => {
    expect(deprecatedRequests(metrics)).toEqual([])
  })
})

describe('Objects written by an API that goes', () => {
  const object = (...fields: [manager: string, apiVersion: string][]) => ({
    metadata: {
      name: 'nightly',
      namespace: 'shop',
      managedFields: fields.map(([manager, apiVersion]) => ({ manager, apiVersion })),
    },
  })

  it('are named with who wrote them', () => {
    const objects = [
      object(['helm', 'batch/v1beta1'], ['helm', 'batch/v1beta1'], ['kubectl', 'batch/v1']),
      object(['kube-controller-manager', 'batch/v1beta1']),
      { metadata: { name: 'wide' } },
      {},
    ]
    expect(oldWritings(objects, 'batch/v1beta1')).toEqual([{ object: 'shop/nightly', by: 'helm' }])
  })
})
