import { ApiError } from '../kubernetes/client/api-error.js'
import { listAt, textAt } from '../kubernetes/read.js'
import { isBug } from '../lib/errors.js'
import { check, NotSoYet, skip, until } from './check.js'
import { lastLines } from './pod-words.js'
import { ask, firstMachine, fromPod, type Probe } from './probe.js'
import {
  candidates,
  isAnswer,
  parseNslookup,
  parseResolvConf,
  type ResolvConf,
  sameAddresses,
  verdictOf,
} from './resolver.js'
import { headlessName, type Lookup, lookup, memberName } from './workload.js'

/** 16 bytes each, with a question and a header before them, are fewer than 512. */
const mostAddresses = 20

/** A name outside of every cluster, which a node that can reach its registry resolves. */
const outside = 'registry.k8s.io'

const coreDnsPods = 'labelSelector=k8s-app%3Dkube-dns'

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
    const ips = [...probe.pods.values()].map(({ ip }) => ip)
    const asked = [headlessName, `${memberName}.${headlessName}`]
    // busybox asks without EDNS and takes what fits into 512 bytes (its networking/nslookup.c): of more it sees a part
    const part = ips.length > mostAddresses
    await Promise.all(asked.map((name) => expectAddresses(probe, resolver, name, ips, part)))
    return `${asked.join(', ')}: ${part ? 'some of ' : ''}${ips.length} ${ips.length === 1 ? 'Pod' : 'Pods'}`
  })
}

async function fromHostNetwork(probe: Probe): Promise<boolean> {
  const { namespace, context, options } = probe
  const title = "DNS names from a Pod in its node's network"
  const name = `echo.${namespace}.svc.${context.spec.networking.dnsDomain}`
  const pod = await started(probe, { name: 'host-names', dnsPolicy: 'ClusterFirstWithHostNet', asks: name })
  if ('refused' in pod) return skip(options, title, pod.refused)
  return check(options, title, async () => {
    const ip = textAt(probe.services.get('echo'), 'spec', 'clusterIP')
    const said = await pod.printed()
    const answer = parseNslookup(said)
    if (!isAnswer(answer) || !sameAddresses(answer.addresses, [ip]))
      throw new Error(`${name} is not ${ip}: ${said.trim().slice(0, 200)}`)
    return name
  })
}

/** What CoreDNS forwards: a name that the name servers of its own node know must be known to Pods. */
async function outsideNames(probe: Probe): Promise<boolean> {
  const { options, kube, context } = probe
  const title = 'DNS names outside the cluster'
  const servers = await kube
    .list({ apiVersion: 'v1', kind: 'Pod' }, 'kube-system', coreDnsPods)
    .catch(() => [])
  const nodeName = servers
    .map((pod) => textAt(pod, 'spec', 'nodeName'))
    .find((name) => name !== '' && !context.away.has(name))
  const pod = await started(probe, { name: 'node-names', dnsPolicy: 'Default', asks: outside, nodeName })
  if ('refused' in pod) return skip(options, title, pod.refused)
  const printing = pod.printed()
  const onNode = await printing.then(parseNslookup).catch(() => undefined)
  if (onNode !== undefined && !isAnswer(onNode))
    return skip(options, title, `the name servers of the node do not resolve ${outside}`)
  const forwarded = async (): Promise<string> => {
    await printing
    const from = firstMachine(probe)
    await ask(probe, `Pod on ${from.spec.name}`, outside, async () => {
      const answer = parseNslookup(await fromPod(probe, from, 'resolve', outside)())
      if (isAnswer(answer)) return outside
      const why = answer === 'no such name' ? answer : `no answer (${answer.unclear})`
      throw new NotSoYet(
        `${why}; ${nodeName ? `node ${nodeName}` : 'a node'} resolves it: do Pods reach the name servers in its /etc/resolv.conf?`,
      )
    })
    return outside
  }
  // CoreDNS names the server that it waits for in vain
  const evidence = async (): Promise<string> => {
    const lines = (await lastLines(kube, 'kube-system', coreDnsPods)).split('\n')
    return lines.filter((line) => line.includes(outside)).join('\n')
  }
  return check(options, title, forwarded, evidence)
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
  part = false,
): Promise<void> {
  const from = firstMachine(probe)
  const { dnsDomain } = probe.context.spec.networking
  await ask(probe, `Pod on ${from.spec.name}`, name, async () => {
    for (const candidate of candidates(name, resolver)) {
      const ours = candidate.endsWith(`.${dnsDomain}`)
      const said = await fromPod(probe, from, 'resolve', candidate)().catch((error: unknown) => {
        // a name server outside may not answer in time; a resolver goes on at last
        if (ours || isBug(error)) throw error
        return ''
      })
      const found = verdictOf(parseNslookup(said), { ours, wanted, part })
      if (found === 'it is') return candidate
      if (found !== 'go on') throw new NotSoYet(`${candidate} ${found.wrong}`)
    }
    throw new NotSoYet('no such name')
  })
}

/**
 * Starts a pod in its node's network that asks for a name. A cluster may forbid such pods: then with the reason in the
 * place of what it printed, by its log.
 */
async function started(
  probe: Probe,
  wish: Omit<Lookup, 'away'>,
): Promise<{ printed: () => Promise<string> } | { refused: string }> {
  const { kube, namespace, context, options } = probe
  const object = lookup(namespace, context.spec.verify.image, { ...wish, away: [...context.away] })
  try {
    await kube.createOwn(object)
  } catch (error) {
    if (error instanceof ApiError && error.status === 403)
      return { refused: `the cluster refuses the Pod: ${error.message}` }
    return { printed: () => Promise.reject(error) }
  }
  const printed = async (): Promise<string> => {
    await until(options, context.sleep, 60_000, async () => {
      const now = await kube.get(object)
      if (textAt(now, 'status', 'phase') === 'Succeeded') return
      const waiting = textAt(listAt(now, 'status', 'containerStatuses')[0], 'state', 'waiting', 'message')
      throw new NotSoYet(`the Pod ${wish.name} has not succeeded${waiting ? `: ${waiting}` : ''}`)
    })
    const path = `/api/v1/namespaces/${namespace}/pods/${wish.name}/log`
    const { status, body } = await kube.text(path)
    if (status !== 200) throw new Error(`the log of ${wish.name} (${status}): ${body.trim().slice(0, 200)}`)
    return body
  }
  return { printed }
}
