import { at, textAt } from '../kubernetes/read.js'
import { askThrough } from './ask-through.js'
import { check } from './check.js'
import { expectAnswer, fromPod, type Probe } from './probe.js'
import { podPort, servicePort } from './workload.js'

/** Every way through the pod network and to a Service, at once; each must end at a pod that says its node's name. */
export async function traffic(probe: Probe): Promise<void> {
  const { machines, pods, options } = probe
  const known = pods.map(({ node }) => node)
  const echo = probe.services.get('echo')
  const clusterIp = textAt(echo, 'spec', 'clusterIP')
  const nodePort = Number(at(echo, 'spec', 'ports', 0, 'nodePort'))
  const target = `${clusterIp}:${servicePort}`
  await Promise.all([
    check(options, 'Pod to Pod across nodes', async () => {
      const ways = machines.flatMap((from) =>
        pods.filter(({ node }) => node !== from.spec.name).map((to) => ({ from, to })),
      )
      await Promise.all(
        ways.map(({ from, to }) =>
          expectAnswer(
            probe,
            `Pod on ${from.spec.name}`,
            `Pod on ${to.node}`,
            fromPod(probe, from, 'fetch', `${to.ip}:${podPort}`),
            [to.node],
          ),
        ),
      )
      return `${ways.length} ways`
    }),
    check(options, 'ClusterIP from Pods', async () => {
      await Promise.all(
        machines.map((from) =>
          expectAnswer(
            probe,
            `Pod on ${from.spec.name}`,
            target,
            fromPod(probe, from, 'fetch', target),
            known,
          ),
        ),
      )
      return clusterIp
    }),
    check(options, 'ClusterIP from nodes', async () => {
      await Promise.all(
        machines.map(({ host, spec }) =>
          expectAnswer(probe, spec.name, target, () => askThrough(host, clusterIp, servicePort), known),
        ),
      )
      return clusterIp
    }),
    check(options, 'NodePort on every node', async () => {
      // each asked from the next machine, so that the request comes from outside; alone, from itself
      await Promise.all(
        machines.map((to, i) => {
          const from = machines[(i + 1) % machines.length] ?? to
          return expectAnswer(
            probe,
            from.spec.name,
            `${to.spec.address}:${nodePort}`,
            () => askThrough(from.host, to.spec.address, nodePort),
            known,
          )
        }),
      )
      return machines.map(({ spec }) => `${spec.address}:${nodePort}`).join(', ')
    }),
  ])
}
