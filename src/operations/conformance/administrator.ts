import { type Context, controlPlanes } from '../../cluster/context.js'
import { adminConf } from '../../cluster/kube-access.js'
import { UserError } from '../../lib/errors.js'
import { readCertificate } from '../../pki/read-certificate.js'
import { type Administrator, administratorOf } from '../admin-kubeconfig.js'

/**
 * The administrator of the first control plane that has one.
 * @param forMs how long it is needed
 * @throws UserError('step') when there is none, or its file says more than it should; UserError('preflight') when its
 * certificate ends earlier; UserError('connection') when a host cannot be asked
 */
export async function administratorFor(
  context: Context,
  forMs: number,
): Promise<Omit<Administrator, 'server'>> {
  for (const { spec, host } of controlPlanes(context)) {
    const state = await host.stat(adminConf, { content: true })
    if (state.kind !== 'file' || !state.content) continue
    const found = administratorOf(state.content.toString(), spec.name, { url: '' })
    const { notAfter } = readCertificate(found.cert)
    if (notAfter.getTime() > context.now().getTime() + forMs) return found
    throw new UserError('preflight', `the administrator's certificate expires on ${notAfter.toISOString()}`, {
      host: spec.name,
      why: `it is in ${adminConf}, and the suite may run for longer`,
      next: 'run kubestrap up first, which renews the certificate',
    })
  }
  throw new UserError('step', `no control plane node has ${adminConf}`, { next: 'run kubestrap up first' })
}
