import type { Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import type { CertificateSpec } from '../../pki/certificates.js'
import { certificateDifferences } from '../../pki/inspect.js'
import { issue } from '../../pki/issue.js'
import { effectsOf, podMark } from '../../resources/marks.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'
import type { Signers } from './keyring.js'
import { certificatePath, keyPath, pkiDirectory } from './paths.js'

interface Pair {
  certificate: FileState
  key: FileState
}

/**
 * A certificate and its key on a machine, compared by meaning: names, usages, issuer, expiry.
 * @param marks of what restarts when it changes; default the static pods that read it
 */
export function certificateStep(
  context: Context,
  { host }: Machine,
  spec: CertificateSpec,
  needs: readonly string[],
  marks: readonly string[] = spec.readers.map(podMark),
): Step<Pair> {
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
      const [certificate, key] = await Promise.all([
        host.stat(paths.certificate, { content: true }),
        host.stat(paths.key),
      ])
      return { certificate, key }
    },
    diff: ({ certificate, key }) => {
      const signer = signers().certificate(spec.signer)
      const effects = effectsOf(marks)
      if (certificate.kind !== 'file' || key.kind !== 'file')
        return [{ kind: 'create', summary: `issue ${paths.certificate}` }]
      const differences = certificateDifferences(
        certificate.content?.toString() ?? '',
        spec,
        signer,
        context.now(),
      )
      if (differences.length > 0)
        return [
          { kind: 'renew', summary: `reissue ${paths.certificate}`, diff: differences.join('\n'), effects },
        ]
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
      })
      // the old certificate goes first and the new one comes last: a cut leaves none, never a pair that does not fit
      if (change?.kind === 'renew')
        await host.mutate({ script: 'rm -f -- "$1"', args: [paths.certificate], timeoutMs: 10_000 })
      await Promise.all([
        host.write({ path: paths.key, content: made.key, mode: '0600', marks, ledger: pkiDirectory }),
        host.write({
          path: paths.certificate,
          content: made.certificate,
          mode: '0644',
          ledger: pkiDirectory,
        }),
      ])
    },
  }
}
