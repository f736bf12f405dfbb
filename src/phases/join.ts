import { type Context, joiningWorkers, leaderOf } from '../cluster/context.js'
import { nodeEvidence } from '../cluster/evidence.js'
import { kubeletHealthPort, kubeletMakes, kubeletUnit } from '../cluster/kubelet-unit.js'
import type { Machine } from '../cluster/machine.js'
import { certificatePath } from '../cluster/pki/paths.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { bootstrapTokenSecret } from '../kubernetes/config/bootstrap-token.js'
import { UserError } from '../lib/errors.js'
import { newBootstrapToken } from '../pki/bootstrap-token.js'
import { bootstrapKubeconfig } from '../pki/kubeconfig.js'
import { endpointServer } from '../pki/kubeconfigs.js'
import { readCertificate } from '../pki/read-certificate.js'
import { editFile } from '../resources/edit-file.js'
import { enableUnit } from '../resources/enable-unit.js'
import { asProcNetHas, untilListening } from '../resources/listening.js'
import { service } from '../resources/service.js'
import { balancerNeeds } from '../steps/balancer/balancer-settings.js'
import { checkEndpoint } from '../steps/kubelet/check-endpoint.js'
import { halfWritten } from '../steps/kubelet/half-written.js'
import { kubeletConf } from '../steps/kubelet/kubelet-credentials.js'
import { kubeletPem, kubeletPemPath } from '../steps/kubelet/kubelet-pem.js'
import { trustFile } from '../steps/pki/trust-file.js'
import { nodeTransaction } from '../steps/rollout/node-transaction.js'
import { drainsForUpgrade } from '../steps/rollout/node-turn.js'

const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf'
/** Should this run be cut, the token controller removes the token then. */
const tokenLifeMs = 15 * 60_000
/** kubeadm's TLSBootstrapTimeout is five minutes. */
const bootstrapSeconds = 120

/**
 * INPUTS: a prepared worker, the CA of the cluster, an API that knows the rights of joining nodes.
 * OUTPUTS: a kubelet with its own certificate, by TLS bootstrap with a token that lives for the join.
 */
export const join: Phase<Context> = {
  id: 'join',
  title: 'Join workers',
  about: 'Worker nodes join by TLS bootstrap with a short-lived token, which is deleted after use.',
  steps: (context) => joiningWorkers(context).flatMap((machine) => joinSteps(context, machine)),
}

function joinSteps(context: Context, machine: Machine): Step[] {
  const { host } = machine
  const authority = trustFile(host, {
    path: certificatePath('ca'),
    title: "the cluster's CA",
    trusted: () => context.authorities.get().trusted('kubernetes'),
    needs: [`${leaderOf(context).spec.name}/authorities`],
  })
  const joined = joinStep(context, machine, [
    `${host.name}/${authority.id}`,
    ...['host', 'packages', 'runtime', 'binaries', 'images', 'kubelet'].map(
      (phase) => `${host.name}/@${phase}`,
    ),
    ...balancerNeeds(context, machine),
    `${clusterTarget}/@cluster-config`,
  ])
  // the kubelet wrote it when it joined, for the endpoint of that day
  const server = editFile(host, {
    path: kubeletConf,
    title: "the endpoint in the kubelet's kubeconfig",
    edit: (text) => text.replace(/^( +server: ).*$/m, `$1${endpointServer(context.spec)}`),
    marks: [kubeletUnit],
    needs: [`${host.name}/${joined.id}`, `${host.name}/@host`],
    ours: true,
  })
  return [
    authority,
    joined,
    server,
    service(host, {
      unit: kubeletUnit,
      title: 'kubelet',
      within: nodeTransaction(context, machine),
      endsPods: drainsForUpgrade(context, machine),
      listens: kubeletHealthPort(context, machine),
      evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers: [] }),
      needs: [...[joined, server].map((step) => `${host.name}/${step.id}`), `${host.name}/@handing-over`],
    }),
  ]
}

interface Joined {
  own: FileState
  certificate: FileState
  bootstrap: FileState
  /** When its kubelet's client certificate expires; undefined when there is none that can be read. */
  expires: Date | undefined
  /** Its kubelet's client certificate, or the kubeconfig that names it, was not written to its end. */
  half: boolean
}

/**
 * A node joins once, and again when nobody accepts its kubelet's certificate any more: it was off for so long that the
 * certificate expired, or did not get to write it to its end.
 */
function joinStep(context: Context, machine: Machine, needs: readonly string[]): Step<Joined> {
  const { host } = machine
  return {
    id: 'join',
    title: `join ${host.name}`,
    target: host.name,
    needs,
    evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers: [] }),
    probe: async () => {
      const [states, pem, halves] = await Promise.all([
        Promise.all([kubeletConf, kubeletPemPath, bootstrapConf].map((path) => host.stat(path))),
        kubeletPem(host),
        halfWritten(host),
      ])
      const [own, certificate, bootstrap] = states
      if (!own || !certificate || !bootstrap) throw new Error('the answer lacks a path')
      const half = halves.includes(kubeletPemPath) || (own.kind === 'file' && own.size === 0)
      return { own, certificate, bootstrap, half, expires: half || pem === '' ? undefined : expiryOf(pem) }
    },
    diff: ({ own, certificate, bootstrap, half, expires }) => {
      if (own.kind !== 'file' || certificate.kind === 'absent')
        return [{ kind: 'join', summary: `join ${host.name} to the cluster` }]
      const why = half
        ? 'the credentials of its kubelet were not written to their end (a full disk, a power cut)'
        : expires && expires <= context.now()
          ? `the client certificate of its kubelet expired on ${expires.toISOString()}, and a kubelet cannot renew one that has`
          : undefined
      if (why !== undefined)
        return [
          {
            kind: 'join',
            subjects: [again],
            summary: `join ${host.name} to the cluster again`,
            diff: why,
            effects: [{ kind: 'restart', of: 'unit', name: kubeletUnit }],
          },
        ]
      return bootstrap.kind === 'absent' ? [] : [{ kind: 'remove', summary: `remove ${bootstrapConf}` }]
    },
    apply: async ([work]) => {
      if (work?.kind === 'join') {
        await checkEndpoint(context, machine)
        // the kubelet takes the new way only when the old one is not there; a cut leaves a node that has not joined
        if (work.subjects?.includes(again))
          await host.mutate({
            what: 'remove credentials that the API does not accept',
            script: 'rm -f -- "$@"',
            args: [kubeletPemPath, kubeletConf],
            timeoutMs: 10_000,
          })
        await bootstrap(context, machine)
      }
      await host.mutate({ script: 'rm -f -- "$1"', args: [bootstrapConf], timeoutMs: 10_000 })
    },
  }
}

/** What a join is done to that was done before. */
const again = 'useless credentials'

function expiryOf(pem: string): Date | undefined {
  try {
    return readCertificate(pem).notAfter
  } catch {
    return undefined
  }
}

async function bootstrap(context: Context, machine: Machine): Promise<void> {
  const { host } = machine
  const kube = await context.kube()
  const token = newBootstrapToken(context.random)
  const secret = bootstrapTokenSecret(token, {
    expiration: new Date(context.now().getTime() + tokenLifeMs),
    description: `kubestrap: join of ${host.name}`,
  })
  await kube.createOwn(secret)
  try {
    await host.write({
      path: bootstrapConf,
      content: bootstrapKubeconfig({
        clusterName: context.spec.clusterName,
        server: endpointServer(context.spec),
        ca: context.authorities.get().bundle('kubernetes'),
        token,
      }),
      mode: '0600',
    })
    await host.mutate({
      what: `start ${kubeletUnit} and wait for its certificate`,
      script: waitForCertificate,
      ledger: [`enabled ${kubeletUnit}`, `file ${kubeletConf}`, ...kubeletMakes(context)],
      args: [
        kubeletUnit,
        kubeletConf,
        kubeletPemPath,
        String(bootstrapSeconds),
        asProcNetHas(kubeletHealthPort(context, machine)),
      ],
      timeoutMs: (bootstrapSeconds + 90) * 1000,
    })
  } catch (error) {
    if (error instanceof UserError && error.why === '')
      throw new UserError('step', `${host.name} did not join within ${bootstrapSeconds} s`, {
        host: host.name,
        cause: error,
      })
    throw error
  } finally {
    // one that cannot be taken back now expires by itself; it must not hide how the join went
    await kube.delete(secret).catch(() => {})
  }
}

// kubelet.conf appears before the certificate it names: only both together mean joined. While it waits
// the kubelet asks as nobody and is refused, and its patience grows by powers of two; a fresh start
// when the certificate is there registers at once instead of up to half a minute later. One that ends by
// itself three times (started anew twice) will not come: its unit starts it anew every ten seconds, and a start
// by hand between two of those does not begin the count anew, reset-failed does. One that has its certificate may
// still end over its configuration, and works once it listens.
const waitForCertificate = `${untilListening}${enableUnit}
enable_unit "$1" || exit 1
systemctl reset-failed -- "$1" 2>/dev/null
systemctl restart -- "$1" || exit 1
rm -f "/run/kubestrap/restart/$1"
i=0
while [ ! -s "$2" ] || [ ! -s "$3" ]; do
  i=$((i + 1))
  if [ $i -ge $(($4 * 10)) ]; then
    exit 1
  fi
  if [ $((i % 20)) = 0 ]; then
    n=$(systemctl show -p NRestarts --value -- "$1")
    [ "\${n:-0}" -lt 2 ] || { echo "$1 was started $((n + 1)) times and exited each time" >&2; exit 1; }
  fi
  sleep 0.1
done
[ $i -lt 10 ] || systemctl restart -- "$1" || exit 1
until_listening "$5" "$1" still_active "$1"
`
