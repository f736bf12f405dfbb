import { type Context, goesFirst, leaderOf } from '../../cluster/context.js'
import { kubeletDirectory, kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Change, Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { Secret } from '../../lib/secret.js'
import { kubeletCertificate } from '../../pki/certificates.js'
import { certificateDifferences } from '../../pki/inspect.js'
import { issue } from '../../pki/issue.js'
import { kubeletKubeconfig } from '../../pki/kubeconfig.js'
import { kubeletServer } from '../../pki/kubeconfigs.js'
import { parseKubeletKubeconfig } from '../../pki/parse-kubeconfig.js'
import { sameTrust, type TrustList, trustListOf, trustText } from '../../pki/trust.js'
import { file } from '../../resources/file.js'
import { halfWritten } from './half-written.js'
import { kubeletPem, kubeletPemPath } from './kubelet-pem.js'

export const kubeletConf = '/etc/kubernetes/kubelet.conf'
/** Id of the step that issues the certificate. */
export const kubeletCertificateId = 'kubelet-certificate'

const directory = `${kubeletDirectory}/pki`
const current = kubeletPemPath

/**
 * A control plane's kubelet does not join: it gets its client certificate directly. It lies where the
 * kubelet itself would keep it and is renewed by it, which is the state kubeadm's kubelet-finalize
 * phase arrives at, without that phase's restart.
 */
export function kubeletCredentials(context: Context, machine: Machine): Step[] {
  const { host, spec } = machine
  const release = machine.release.wanted
  const user = `system:node:${spec.name}`
  const wanted = kubeletCertificate(spec, release)
  const trusted = (): TrustList => context.authorities.get().trusted('kubernetes')
  const needs = [`${leaderOf(context).spec.name}/authorities`]
  const certificate: Step<{ link: FileState; pem: string }> = {
    id: kubeletCertificateId,
    title: "the kubelet's client certificate",
    target: host.name,
    needs,
    probe: async () => {
      const [link, text, half] = await Promise.all([host.stat(current), kubeletPem(host), halfWritten(host)])
      return { link, pem: half.includes(current) ? '' : text }
    },
    diff: ({ link, pem }): Change[] => {
      const authority = trusted()
      if (link.kind === 'absent' || pem === '') return [{ kind: 'create', summary: `issue ${current}` }]
      const differences = certificateDifferences(pem, wanted, authority, context.now())
      return differences.length === 0
        ? []
        : [{ kind: 'renew', summary: `reissue ${current}`, diff: differences.join('\n') }]
    },
    apply: async () => {
      const made = await issue(wanted, await context.authorities.get().signer('kubernetes'), {
        now: context.now(),
        random: context.random,
        urgent: goesFirst(context, machine),
      })
      // named as the kubelet's certificate store names them (client-go, certificate_store.go)
      const stamp = context.now().toISOString().slice(0, 19).replace(/[T:]/g, '-')
      const path = `${directory}/kubelet-client-${stamp}.pem`
      await host.write({
        path,
        content: new Secret(`${made.certificate.trimEnd()}\n${made.key.reveal()}`),
        mode: '0600',
        directoryMode: '0700',
        ledger: kubeletDirectory,
        marks: [kubeletUnit],
      })
      await host.mutate({
        what: `link ${current}`,
        script: 'ln -sfn -- "$1" "$2.kubestrap" && mv -fT -- "$2.kubestrap" "$2"',
        args: [path, current],
        timeoutMs: 10_000,
      })
    },
  }
  const conf = file(host, {
    path: kubeletConf,
    content: () =>
      kubeletKubeconfig({
        clusterName: context.spec.clusterName,
        server: kubeletServer(context.spec, spec, release),
        ca: trustText(trusted()),
        user,
        certificateFile: current,
        keyFile: current,
        preferences: release.kubeconfig.preferences,
      }),
    mode: '0600',
    hideOld: true,
    marks: [kubeletUnit],
    needs,
  })
  const server = kubeletServer(context.spec, spec, release)
  const named: Step<FileState> = {
    ...conf,
    diff: (state) => (saysSame(state, { server, trusted: trusted() }) ? [] : conf.diff(state)),
  }
  return [certificate, named]
}

/** A control plane that joined by kubeadm has the file of its kubelet's own making, with other names in it. */
function saysSame(state: FileState, wanted: { server: string; trusted: TrustList }): boolean {
  if (state.kind !== 'file' || state.mode !== '0600') return false
  try {
    const is = parseKubeletKubeconfig(state.content?.toString() ?? '')
    const files = is.certificateFile === current && is.keyFile === current
    return files && is.server === wanted.server && sameTrust(trustListOf(is.ca), wanted.trusted)
  } catch {
    return false
  }
}
