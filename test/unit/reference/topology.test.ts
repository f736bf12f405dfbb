import { describe, expect, it } from 'vitest'
import { pictures } from '../../support/reference/pages.js'

const drawn = await pictures()

/** The text of a picture, box by box. */
const boxes = (svg = ''): string[][] =>
  [...svg.matchAll(/<g [\s\S]*?<\/g>/g)].map(([box]) =>
    [...box.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text = '']) => text),
  )

describe('pictures of topologies', () => {
  it('have a box for each host and the endpoint, and a line from each to those it asks', () => {
    const svg = drawn['ha-external-etcd.svg']
    expect(boxes(svg)).toEqual([
      ['worker1', 'workloads', 'haproxy'],
      ['API endpoint', 'api.example.com:8443', 'on each node'],
      ['cp1', 'API server', 'haproxy'],
      ['cp2', 'API server', 'haproxy'],
      ['etcd1', 'etcd'],
      ['etcd2', 'etcd'],
      ['etcd3', 'etcd'],
    ])
    expect(svg?.match(/<line /g)).toHaveLength(1 + 2 + 2 * 3)
  })

  it('say in words what they show', () => {
    expect(drawn['ha-stacked.svg']).toContain(
      '<title>2 load balancers, 3 control plane nodes, 2 worker nodes</title>',
    )
    expect(boxes(drawn['ha-stacked.svg'])).toContainEqual(['cp1', 'API server', 'etcd'])
  })

  it('have no box that reaches out of the picture', () => {
    for (const svg of Object.values(drawn)) {
      const [, width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? []
      const rects = [...svg.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="(\d+)" height="(\d+)"/g)]
      expect(rects.length).toBeGreaterThan(0)
      for (const [, x, y, w, h] of rects.map((found) => found.map(Number)))
        expect([
          Number(x) >= 0,
          Number(y) >= 0,
          Number(x) + Number(w) <= width,
          Number(y) + Number(h) <= height,
        ]).toEqual([true, true, true, true])
    }
  })
})
