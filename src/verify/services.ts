import { at, textAt } from '../kubernetes/read.js'
import { askThrough } from './ask-through.js'
import { check, NotSoYet, skip, until } from './check.js'
import { ask, expectAnswer, firstMachine, fromPod, type Probe, trafficPatienceMs } from './probe.js'
import { endpoints, headlessName, service, servicePort } from './workload.js'

/** Every kind of Service the traffic checks use, to be made before the pods are. */
export function servicesOf(namespace: string, dnsDomain: string) {
  return [
    service(namespace, 'echo', { type: 'NodePort' }),
    service(namespace, 'sticky', { sessionAffinity: 'ClientIP' }),
    service(namespace, 'named', { ports: [{ port: servicePort, targetPort: 'web' }] }),
    service(namespace, 'manual', { selector: undefined }),
    service(namespace, 'local', { type: 'NodePort', externalTrafficPolicy: 'Local' }),
    service(namespace, headlessName, { clusterIP: 'None' }),
    service(namespace, 'external', {
      type: 'ExternalName',
      externalName: `echo.${namespace}.svc.${dnsDomain}`,
      selector: undefined,
      ports: undefined,
    }),
  ]
}

/** What Services promise beyond leading to a pod. */
export async function services(probe: Probe): Promise<void> {
  const { options, pods, kube, namespace } = probe
  const known = new Set(pods.keys())
  const from = firstMachine(probe)
  const pod = `Pod on ${from.spec.name}`
  const target = (name: string): string =>
    `${textAt(probe.services.get(name), 'spec', 'clusterIP')}:${servicePort}`
  const answers = async (name: string): Promise<string[]> => {
    const connect = fromPod(probe, from, 'many', target(name))
    const answer = await ask(probe, pod, name, async () => {
      const lines = (await connect()).trim()
      const count = lines.split('\n').length
      if (count !== 16) throw new NotSoYet(`${count} of 16 connections were answered: ${lines}`)
      return lines
    })
    return answer.split('\n')
  }
  const spreads = (): Promise<boolean> =>
    check(options, 'a Service without affinity balances', () =>
      // kube-proxy learns of pods one by one; sixteen that go to one of two by chance: one in 30 000
      until(options, probe.context.sleep, trafficPatienceMs, async () => {
        const nodes = new Set(await answers('echo'))
        if (nodes.size < 2) throw new NotSoYet(`16 connections all went to ${[...nodes]}`)
        return `${nodes.size} of ${known.size} Pods in 16 connections`
      }),
    )
  const sticks = (): Promise<boolean> =>
    check(options, 'sessionAffinity ClientIP holds', async () => {
      const nodes = new Set(await answers('sticky'))
      if (nodes.size > 1) throw new Error(`16 connections went to ${[...nodes].join(', ')}`)
      return [...nodes][0]
    })
  await Promise.all([
    // one after the other: while one pod is known both look the same
    pods.size < 2
      ? skip(options, 'balancing and affinity of Services', 'requires two nodes')
      : spreads().then((spread) => spread && sticks()),
    check(options, 'a named target port', async () => {
      await expectAnswer(probe, pod, 'named', fromPod(probe, from, 'fetch', target('named')), known)
      return 'web'
    }),
    check(options, 'a Service with its own Endpoints', async () => {
      const last = [...pods.values()].at(-1)
      if (!last) throw new Error('no Pod to send to')
      await kube.createOwn(endpoints(namespace, 'manual', last.ip))
      await expectAnswer(
        probe,
        pod,
        'manual',
        fromPod(probe, from, 'fetch', target('manual')),
        new Set([last.node]),
      )
      return `sends to ${last.ip} only`
    }),
    clientAddress(probe),
  ])
}

/** A node that takes a connection for a pod of its own passes the client's address on. */
function clientAddress(probe: Probe): Promise<boolean> {
  const { options, machines } = probe
  const name = 'externalTrafficPolicy Local keeps the client address'
  const [to, from] = machines
  if (!to || !from) return skip(options, name, 'requires two hosts')
  return check(options, name, async () => {
    const port = Number(at(probe.services.get('local'), 'spec', 'ports', 0, 'nodePort'))
    const way = `${to.spec.address}:${port}`
    const said = await ask(probe, from.spec.name, way, () =>
      askThrough(from.host, to.spec.address, port, '/cgi-bin/whoami'),
    )
    // busybox's httpd says [::ffff:10.0.0.1]:1234 or 10.0.0.1:1234
    const client = said
      .trim()
      .replace(/:\d+$/, '')
      .replace(/^\[(?:::ffff:)?(.*)\]$/, '$1')
    if (client !== from.spec.address) throw new Error(`the Pod saw ${client}, not ${from.spec.address}`)
    return client
  })
}
