import { type Context, goesFirst } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Signers } from '../../cluster/pki/keyring.js'
import { certificatePath, keyPath } from '../../cluster/pki/paths.js'
import type { Change, Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { pkiDirectory } from '../../kubernetes/manifests/paths.js'
import type { CertificateSpec } from '../../pki/certificates.js'
import { inspectCertificate } from '../../pki/inspect.js'
import { issue } from '../../pki/issue.js'
import { podMark } from '../../resources/marks.js'
import { readerEffects, readersPresent } from './readers.js'

interface Pair {
  certificate: FileState
  key: FileState
  /** Marks of the readers that are there, and restart. */
  readers: readonly string[]
}

/**
 * A certificate and its key on a machine, compared by meaning: names, usages, issuer, strength, and how long it
 * still lives (`certificates.renewBefore`).
 * @param marks of what restarts when it changes; default the static pods that read it
 */
export function certificateStep(
  context: Context,
  machine: Machine,
  spec: CertificateSpec,
  needs: readonly string[],
  marks: readonly string[] = spec.readers.map(podMark),
): Step<Pair> {
  const { host } = machine
  const paths = { certificate: certificatePath(spec.file), key: keyPath(spec.file) }
  // an etcd on hosts of its own has an authority that no control plane has
  const signers = (): Signers =>
    (spec.signer === 'etcd' && context.etcdHosts ? context.etcdHosts.authority : context.authorities).get()
  return {
    id: `certificate:${spec.file}`,
    title: `certificate ${spec.file}`,
    target: host.name,
    needs,
    probe: async () => {
      const [certificate, key, readers] = await Promise.all([
        host.stat(paths.certificate, { content: true }),
        host.stat(paths.key),
        readersPresent(host, marks),
      ])
      return { certificate, key, readers }
    },
    diff: ({ certificate, key, readers }): Change[] => {
      const trusted = signers().trusted(spec.signer)
      const effects = readerEffects(readers)
      if (certificate.kind !== 'file' || key.kind !== 'file')
        return [
          {
            kind: certificate.kind === 'absent' ? 'create' : 'renew',
            summary: `issue ${paths.certificate}`,
            ...effects,
          },
        ]
      const differences = inspectCertificate(
        certificate.content?.toString() ?? '',
        spec,
        trusted,
        context.now(),
        context.spec.certificates.renewBefore,
      )
      if (differences.length > 0) {
        const verb = differences.every(({ about }) => about === 'end') ? 'renew' : 'reissue'
        const diff = differences.map(({ words }) => words).join('\n')
        return [{ kind: 'renew', summary: `${verb} ${paths.certificate}`, diff, ...effects }]
      }
      if (key.mode !== '0600')
        return [{ kind: 'access', summary: `set ${paths.key} to 0600 (is ${key.mode})` }]
      return []
    },
    apply: async ([change]) => {
      if (change?.kind === 'access') {
        await host.mutate({ script: 'chmod 0600 -- "$1"', args: [paths.key], timeoutMs: 10_000 })
        return
      }
      const made = await issue(spec, await signers().signer(spec.signer), {
        now: context.now(),
        random: context.random,
        urgent: goesFirst(context, machine),
      })
      const isNew = change?.kind === 'create'
      const place = (path: string): string => (isNew ? path : `${path}.kubestrap-new`)
      const { certificate, key } = paths
      await Promise.all([
        host.write({ path: place(key), content: made.key, mode: '0600', marks, ledger: pkiDirectory }),
        host.write({
          path: place(certificate),
          content: made.certificate,
          mode: '0644',
          ledger: pkiDirectory,
        }),
      ])
      if (isNew) return
      await host.mutate({
        what: `put ${certificate} and its key in place`,
        script: swap,
        args: [certificate, key, place(certificate), place(key)],
        timeoutMs: 10_000,
      })
    },
  }
}

// etcd reads its pair at each handshake: it must be whole but for an instant. The old certificate goes first and
// the new one comes last, so that a cut in that instant leaves none, never a pair that does not fit.
const swap =
  'rm -f -- "$1" && mv -fT -- "$4" "$2" && mv -fT -- "$3" "$1" && { sync -- "$1" "$2" 2>/dev/null || sync; }'
