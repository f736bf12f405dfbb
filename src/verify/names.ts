import { listAt, textAt } from '../kubernetes/read.js'
import { canonicalAddress } from '../lib/cidr.js'
import { check, NotSoYet, skip, until } from './check.js'
import { ask, firstMachine, fromPod, type Probe } from './probe.js'
import { candidates, parseNslookup, parseResolvConf, type ResolvConf } from './resolver.js'
import { headlessName, lookup, memberName } from './workload.js'

/** A name outside of every cluster, which a node that can reach its registry resolves. */
const outside = 'registry.k8s.io'

/**
 * Names as Pods ask for them: of Services, short and long, of a Service without an address and its Pods, of one that
 * stands for another name; from a Pod in its node's network; and names outside the cluster, where the node itself
 * resolves them.
 */
export async function names(probe: Probe): Promise<void> {
  const { options, context } = probe
  // never inferred from a name that does not resolve: that would hide a broken DNS
  if (!context.spec.dns.enabled) {
    await skip(options, 'DNS', 'the inventory says dns.enabled: false')
    return
  }
  await Promise.all([serviceNames(probe), podNames(probe), fromHostNetwork(probe), outsideNames(probe)])
}

function serviceNames(probe: Probe): Promise<boolean> {
  const { options, context, namespace } = probe
  return check(options, 'DNS names of Services', async () => {
    const { dnsDomain } = context.spec.networking
    const ip = textAt(probe.services.get('echo'), 'spec', 'clusterIP')
    const resolver = await resolverOf(probe)
    const domain = `${namespace}.svc.${dnsDomain}`
    if (!resolver.search.includes(domain))
      throw new Error(
        `the Pod's /etc/resolv.conf does not search ${domain}: ${resolver.search.join(' ') || 'nothing'}`,
      )
    const asked = ['echo', `echo.${namespace}`, `echo.${domain}`, 'external']
    await Promise.all(asked.map((name) => expectAddresses(probe, resolver, name, [ip])))
    return `${asked.join(', ')} by ${resolver.nameservers.join(', ')}`
  })
}

function podNames(probe: Probe): Promise<boolean> {
  return check(probe.options, 'DNS names of Pods behind a headless Service', async () => {
    const resolver = await resolverOf(probe)
    const ips = probe.pods.map(({ ip }) => ip)
    const asked = [headlessName, `${memberName}.${headlessName}`]
    await Promise.all(asked.map((name) => expectAddresses(probe, resolver, name, ips)))
    return `${asked.join(', ')}: ${ips.length} ${ips.length === 1 ? 'Pod' : 'Pods'}`
  })
}

function fromHostNetwork(probe: Probe): Promise<boolean> {
  const { namespace, context } = probe
  const name = `echo.${namespace}.svc.${context.spec.networking.dnsDomain}`
  return check(probe.options, "DNS names from a Pod in its node's network", async () => {
    const ip = textAt(probe.services.get('echo'), 'spec', 'clusterIP')
    const said = await printedBy(probe, 'host-names', 'ClusterFirstWithHostNet', name)
    const answer = parseNslookup(said)
    if (!isAnswer(answer) || !sameAddresses(answer.addresses, [ip]))
      throw new Error(`${name} is not ${ip}: ${said.trim().slice(0, 200)}`)
    return name
  })
}

/** What CoreDNS forwards: a name that the node's own name servers know must be known to Pods. */
async function outsideNames(probe: Probe): Promise<void> {
  const title = 'DNS names outside the cluster'
  const printing = printedBy(probe, 'node-names', 'Default', outside)
  const onNode = await printing.then(parseNslookup).catch(() => undefined)
  if (onNode !== undefined && !isAnswer(onNode)) {
    await skip(probe.options, title, `the name servers of the node do not resolve ${outside}`)
    return
  }
  await check(probe.options, title, async () => {
    await printing
    const from = firstMachine(probe)
    await ask(probe, `Pod on ${from.spec.name}`, outside, async () => {
      const said = await fromPod(probe, from, 'resolve', outside)()
      if (!isAnswer(parseNslookup(said))) throw new NotSoYet(said.trim().slice(0, 200))
      return said
    })
    return outside
  })
}

async function resolverOf(probe: Probe): Promise<ResolvConf> {
  const from = firstMachine(probe)
  const text = await ask(probe, `Pod on ${from.spec.name}`, '/etc/resolv.conf', async () => {
    const said = await fromPod(probe, from, 'resolver')()
    if (parseResolvConf(said).nameservers.length === 0) throw new NotSoYet('it names no name server')
    return said
  })
  return parseResolvConf(text)
}

/** Asks as a resolver does, until the name has exactly these addresses; CoreDNS learns of a Service a moment later. */
async function expectAddresses(
  probe: Probe,
  resolver: ResolvConf,
  name: string,
  wanted: readonly string[],
): Promise<void> {
  const from = firstMachine(probe)
  await ask(probe, `Pod on ${from.spec.name}`, name, async () => {
    for (const candidate of candidates(name, resolver)) {
      const said = await fromPod(probe, from, 'resolve', candidate)()
      const answer = parseNslookup(said)
      if (answer === 'no such name') continue
      if (!isAnswer(answer)) throw new NotSoYet(`${candidate}: ${answer.unclear}`)
      if (!sameAddresses(answer.addresses, wanted))
        throw new NotSoYet(`${candidate} is ${answer.addresses.join(', ')}, not ${wanted.join(', ')}`)
      return candidate
    }
    throw new NotSoYet('no such name')
  })
}

/** What a pod in its node's network printed of a name, by its log. */
async function printedBy(
  probe: Probe,
  pod: string,
  dnsPolicy: 'ClusterFirstWithHostNet' | 'Default',
  asks: string,
): Promise<string> {
  const { kube, namespace, context, options } = probe
  const object = lookup(namespace, context.spec.verify.image, { name: pod, dnsPolicy, asks })
  await kube.create(object)
  await until(options, context.sleep, 60_000, async () => {
    const now = await kube.get(object)
    if (textAt(now, 'status', 'phase') === 'Succeeded') return
    const waiting = textAt(listAt(now, 'status', 'containerStatuses')[0], 'state', 'waiting', 'message')
    throw new NotSoYet(`the Pod ${pod} has not succeeded${waiting ? `: ${waiting}` : ''}`)
  })
  const { status, body } = await kube.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log`)
  if (status !== 200) throw new Error(`the log of ${pod} (${status}): ${body.trim().slice(0, 200)}`)
  return body
}

const isAnswer = (answer: ReturnType<typeof parseNslookup>): answer is { addresses: readonly string[] } =>
  typeof answer === 'object' && 'addresses' in answer

/** The same addresses, whatever their order and spelling. */
function sameAddresses(one: readonly string[], other: readonly string[]): boolean {
  const key = (list: readonly string[]): string => list.map(canonicalAddress).sort().join(' ')
  return key(one) === key(other)
}
