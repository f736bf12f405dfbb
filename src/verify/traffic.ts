import { at, textAt } from '../kubernetes/read.js'
import { askThrough } from './ask-through.js'
import { check, someOf } from './check.js'
import { expectAnswer, fromPod, type Probe } from './probe.js'
import { waysBetween } from './ways.js'
import { podPort, servicePort } from './workload.js'

/** The ways through the pod network and to a Service; each must end at a pod that says its node's name. */
export async function traffic(probe: Probe): Promise<void> {
  const { machines, pods, options } = probe
  const known = new Set(pods.keys())
  const echo = probe.services.get('echo')
  const clusterIp = textAt(echo, 'spec', 'clusterIP')
  const nodePort = Number(at(echo, 'spec', 'ports', 0, 'nodePort'))
  const target = `${clusterIp}:${servicePort}`
  await Promise.all([
    check(options, 'Pod to Pod across nodes', async () => {
      const seed = options.seed ?? probe.context.random(4).readUInt32BE()
      const { ways, said } = waysBetween(machines, seed)
      await Promise.all(
        ways.map(({ from, to }) =>
          expectAnswer(
            probe,
            `Pod on ${from.spec.name}`,
            `Pod on ${to.spec.name}`,
            fromPod(probe, from, 'fetch', `${pods.get(to.spec.name)?.ip ?? ''}:${podPort}`),
            new Set([to.spec.name]),
          ),
        ),
      )
      return said
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
      return someOf(machines.map(({ spec }) => `${spec.address}:${nodePort}`))
    }),
  ])
}
