import { X509Certificate } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import { type Context, controlPlanes } from '../cluster/context.js'
import { etcdOrder, shownName, withEtcd } from '../cluster/etcd/access.js'
import { kubeletDirectory } from '../cluster/kubelet-unit.js'
import type { Machine } from '../cluster/machine.js'
import { certificatePath } from '../cluster/pki/paths.js'
import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { lossSentence } from '../kubernetes/etcd/quorum.js'
import { textAt } from '../kubernetes/read.js'
import { messageOf } from '../lib/errors.js'
import { parseDuration } from '../lib/time.js'
import { kubeletCertificate } from '../pki/certificates.js'
import { certificateDifferences } from '../pki/inspect.js'
import { trustListOf } from '../pki/trust.js'
import { askEndpoint, planeCredentials } from '../steps/etcd/external-client.js'
import { check, NotSoYet, until, type VerifyOptions } from './check.js'

/**
 * How long etcd may take to be healthy: on a busy host a member may need more than the ten seconds that one question waits, and
 * an election takes a moment, in which no member is healthy.
 */
const etcdPatienceMs = 60_000

/** The components themselves: leaders, etcd, the kubelets' certificates. Nothing is started for it. */
export async function components(
  context: Context,
  kube: KubeClient,
  machines: readonly Machine[],
  options: VerifyOptions,
): Promise<void> {
  await Promise.all([
    check(options, 'leases of scheduler and controller manager held', async () =>
      (
        await Promise.all(
          ['kube-scheduler', 'kube-controller-manager'].map((name) =>
            heldLease(context, kube, name, options),
          ),
        )
      ).join(', '),
    ),
    check(options, 'etcd healthy', () =>
      until(options, context.sleep, etcdPatienceMs, async () => {
        const { status, body } = await kube.text('/healthz/etcd', { timeoutMs: 10_000 })
        if (status !== 200) throw new NotSoYet(`the API server says ${status}: ${body.slice(0, 200)}`)
        return (await allMembers(context)) ?? 'as the API server sees it'
      }),
    ),
    check(options, "the kubelets' certificates", async () => {
      await Promise.all(machines.map((machine) => kubeletCertificates(context, machine, options)))
      return `${machines.length} client and ${machines.length} serving certificates`
    }),
  ])
}

/**
 * Where there are several members each is asked: an API server knows only the one beside it.
 * @returns what a loss would do; undefined where there is one, or it is not ours
 */
async function allMembers(context: Context): Promise<string | undefined> {
  const { etcd } = context.spec
  if (etcd.external && !context.etcdHosts) return allEndpoints(context)
  if (etcdOrder(context).length < 2) return undefined
  const seen = await withEtcd(etcdOrder(context), async ({ client, voters }) => {
    const members = await client.members()
    const learners = members.filter(({ learner }) => learner).map(shownName)
    if (learners.length > 0) throw new Error(`${learners.join(', ')} is still a learner`)
    return voters(members)
  })
  const sentence = lossSentence(seen)
  const sick = seen.filter(({ healthy, name }) => !healthy && !context.away.has(name))
  if (sick.length > 0) throw new Error(sentence)
  return sentence
}

/** An etcd that is not ours: each endpoint as each control plane reaches it. */
async function allEndpoints(context: Context): Promise<string> {
  const endpoints = context.spec.etcd.external?.endpoints ?? []
  await Promise.all(
    controlPlanes(context).map(async (machine) => {
      const credentials = await planeCredentials(context, machine)
      if (!credentials) throw new Error(`${machine.spec.name} has no files of the etcd client`)
      await Promise.all(
        endpoints.map(async (endpoint) => {
          const said = await askEndpoint(machine, credentials, endpoint).catch((error: unknown) => ({
            unhealthy: messageOf(error),
          }))
          if (said.unhealthy !== undefined)
            throw new Error(`${endpoint}, asked from ${machine.spec.name}: ${said.unhealthy}`)
        }),
      )
    }),
  )
  return `${endpoints.length} endpoints`
}

/** Waits until the holder renews it: a lease that merely lies there is nobody's. */
async function heldLease(
  context: Context,
  kube: KubeClient,
  name: string,
  options: VerifyOptions,
): Promise<string> {
  const ref = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-system' },
  }
  let first: string | undefined
  return until(options, context.sleep, takeoverMs(context, name), async () => {
    const lease = await kube.get(ref)
    const renewed = textAt(lease, 'spec', 'renewTime')
    const holder = textAt(lease, 'spec', 'holderIdentity').split('_')[0] ?? ''
    if (holder === '') throw new NotSoYet(`no one holds the lease ${name}`)
    first ??= renewed
    if (renewed === first)
      throw new NotSoYet(`${holder} does not renew the lease ${name} (last renewed ${renewed})`)
    return `${name} by ${holder}`
  })
}

/** Leases are renewed every 2 s, and taken over 15 s after their holder is gone, unless the inventory has it otherwise. */
function takeoverMs({ spec }: Context, name: string): number {
  const { extraArgs } = name === 'kube-scheduler' ? spec.scheduler : spec.controllerManager
  return 15_000 + (parseDuration(extraArgs['leader-elect-lease-duration'] ?? '') ?? 15_000)
}

async function kubeletCertificates(
  context: Context,
  { host, spec, release }: Machine,
  options: VerifyOptions,
): Promise<void> {
  const read = await host.read({
    // the certificate only: the key beside it stays on the host
    script: 'sed -n "/BEGIN CERTIFICATE/,/END CERTIFICATE/p" -- "$1"; echo; echo @ca; cat -- "$2"; exit 0',
    args: [`${kubeletDirectory}/pki/kubelet-client-current.pem`, certificatePath('ca')],
  })
  const [client = '', authority = ''] = read.stdout.toString().split('\n@ca\n')
  const wanted = kubeletCertificate(spec, release.wanted)
  const differences = certificateDifferences(client, wanted, trustListOf(authority), context.now())
  if (differences.length > 0)
    throw new Error(`the client certificate of ${spec.name}: ${differences.join('; ')}`)
  // a node stays Ready while its kubelet restarts, for which up may be the cause
  const serving = await until(options, context.sleep, 15_000, async () =>
    servingCertificate(await host.connection.openTcp(spec.address, 10250)),
  )
  const now = context.now()
  if (new Date(serving.validFrom) > now || new Date(serving.validTo) < now)
    throw new Error(
      `the serving certificate of ${spec.name} is valid ${serving.validFrom} to ${serving.validTo}`,
    )
  if (!serving.checkHost(spec.name) && !serving.checkIP(spec.address))
    throw new Error(`the serving certificate of ${spec.name} is for ${serving.subjectAltName ?? 'no name'}`)
}

/** The certificate a TLS server shows. It is looked at, not trusted: kubelets sign theirs themselves (kubeadm's default). */
function servingCertificate(stream: Duplex): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ socket: stream, rejectUnauthorized: false })
    socket.setTimeout(10_000, () => socket.destroy(new Error('no TLS handshake within 10 s')))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate()
      socket.destroy()
      if (raw) resolve(new X509Certificate(raw))
      else reject(new Error('the kubelet showed no certificate'))
    })
  })
}
