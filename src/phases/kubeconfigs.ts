import { type Context, controlPlanes, goesFirst, leaderOf } from '../cluster/context.js'
import { adminConf, superAdminConf } from '../cluster/kube-access.js'
import type { Machine } from '../cluster/machine.js'
import type { Keyring } from '../cluster/pki/keyring.js'
import type { Phase } from '../engine/phase.js'
import type { Change, Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { messageOf } from '../lib/errors.js'
import type { Secret } from '../lib/secret.js'
import { type CertificateDifference, inspectCertificate } from '../pki/inspect.js'
import { issue } from '../pki/issue.js'
import { buildKubeconfig, parseKubeconfig } from '../pki/kubeconfig.js'
import { type KubeconfigSpec, kubeconfigTree } from '../pki/kubeconfigs.js'
import { sameTrust, type TrustList, trustListOf } from '../pki/trust.js'
import { podMark } from '../resources/marks.js'
import { adminReaders } from '../steps/balancer/balancer-settings.js'
import { readerEffects, readersPresent } from '../steps/pki/readers.js'

/**
 * INPUTS: the authorities.
 * OUTPUTS: admin.conf, controller-manager.conf, scheduler.conf on each control plane,
 * super-admin.conf on the first from 1.29 on.
 */
export const kubeconfigs: Phase<Context> = {
  id: 'kubeconfigs',
  title: 'Kubeconfigs',
  about: 'Kubeconfigs of the administrator and the control plane components.',
  steps: (context) =>
    controlPlanes(context).flatMap((machine) =>
      kubeconfigTree(context.spec, machine.spec, machine.release.wanted).map((spec) =>
        kubeconfigStep(context, machine, spec),
      ),
    ),
}

interface Found {
  file: FileState
  /** Marks of the readers that are there, and restart. */
  readers: readonly string[]
}

function kubeconfigStep(context: Context, machine: Machine, spec: KubeconfigSpec): Step<Found> {
  const { host } = machine
  const path = `/etc/kubernetes/${spec.file}`
  const marks = [...spec.readers, ...(path === adminConf ? adminReaders(context, machine) : [])].map(podMark)
  const authority = (): Keyring => context.authorities.get()
  return {
    id: `kubeconfig:${spec.file}`,
    title: spec.file,
    target: host.name,
    needs: [`${leaderOf(context).spec.name}/authorities`],
    probe: async () => {
      const [file, readers] = await Promise.all([
        host.stat(path, { content: true }),
        readersPresent(host, marks),
      ])
      return { file, readers }
    },
    diff: ({ file, readers }): Change[] => {
      const trusted = authority().trusted('kubernetes')
      const effects = readerEffects(readers)
      if (file.kind !== 'file') return [{ kind: 'create', summary: `write ${path}`, ...effects }]
      const differences = kubeconfigDifferences(context, spec, file.content?.toString() ?? '', trusted)
      if (differences.length > 0) {
        const verb = differences.every(({ about }) => about === 'end') ? 'renew' : 'rewrite'
        const diff = differences.map(({ words }) => words).join('\n')
        return [{ kind: 'renew', summary: `${verb} ${path}`, diff, ...effects }]
      }
      return file.mode === '0600'
        ? []
        : [{ kind: 'access', summary: `set ${path} to 0600 (is ${file.mode})` }]
    },
    apply: async ([change], { observed }) => {
      if (change?.kind === 'access') {
        await host.mutate({ script: 'chmod 0600 -- "$1"', args: [path], timeoutMs: 10_000 })
        return
      }
      const text = observed.file.kind === 'file' ? observed.file.content?.toString() : undefined
      const made =
        stillGood(context, spec, text ?? '', authority().trusted('kubernetes')) ??
        (await issue(spec.certificate, await authority().signer('kubernetes'), {
          now: context.now(),
          random: context.random,
          urgent: goesFirst(context, machine),
        }))
      const content = buildKubeconfig({
        clusterName: context.spec.clusterName,
        server: spec.server,
        ca: authority().bundle('kubernetes'),
        user: spec.user,
        certificate: made.certificate,
        key: made.key,
        preferences: spec.preferences,
      })
      await host.write({ path, content, mode: '0600', marks })
      if (path === adminConf || path === superAdminConf) context.kube.renew(host.name)
    },
  }
}

/**
 * The certificate and key of a kubeconfig in which something else differs. A new one would be signed by a CA that API
 * servers may not know yet: they read a changed ca.crt within a minute.
 */
function stillGood(
  { now, spec: { certificates } }: Context,
  { certificate }: KubeconfigSpec,
  text: string,
  trusted: TrustList,
): { certificate: string; key: Secret } | undefined {
  try {
    const { credentials, keyFits } = parseKubeconfig(text)
    const { cert, key } = credentials
    const differences = inspectCertificate(cert, certificate, trusted, now(), certificates.renewBefore)
    return keyFits && differences.length === 0 ? { certificate: cert, key } : undefined
  } catch {
    return undefined
  }
}

function kubeconfigDifferences(
  { now, spec: { certificates } }: Context,
  spec: KubeconfigSpec,
  text: string,
  trusted: TrustList,
): CertificateDifference[] {
  const content = (words: string): CertificateDifference => ({ about: 'content', words })
  try {
    const is = parseKubeconfig(text)
    return [
      ...(is.server === spec.server ? [] : [content(`server: ${is.server} → ${spec.server}`)]),
      ...(is.user === spec.user ? [] : [content(`user: ${is.user} → ${spec.user}`)]),
      ...(is.keyFits ? [] : [content('its key is not that of its certificate')]),
      ...is.foreign.map((name) => content(`has ${name}, which kubestrap never writes`)),
      ...(sameTrust(trustListOf(is.ca), trusted) ? [] : [content('certificate authority: differs')]),
      ...inspectCertificate(is.credentials.cert, spec.certificate, trusted, now(), certificates.renewBefore),
    ]
  } catch (error) {
    return [content(messageOf(error))]
  }
}
