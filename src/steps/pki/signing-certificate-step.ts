import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { certificatePath, signingFile } from '../../cluster/pki/paths.js'
import type { Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { file } from '../../resources/file.js'

/**
 * What the controller manager signs with while a CA is rotated: its --cluster-signing-cert-file must have one certificate,
 * that of the key, and it does not start with a ca.crt of several (pkg/controller/certificates/signer/ca_provider.go).
 * It follows the file by itself. Where ca.crt has one certificate there is nothing to do.
 */
export function signingCertificateStep(
  context: Context,
  { host, spec }: Machine,
  needs: readonly string[],
): Step<FileState> {
  // before they are known there is no cluster whose CA could be rotated
  const wanted = (): string | undefined =>
    context.authorities.known ? context.authorities.get().signingCertificate(spec.name) : undefined
  const step = file(host, {
    path: certificatePath(signingFile),
    title: 'certificate that the controller manager signs with',
    content: () => wanted() ?? '',
    needs,
  })
  return { ...step, diff: (state) => (wanted() === undefined ? [] : step.diff(state)) }
}
