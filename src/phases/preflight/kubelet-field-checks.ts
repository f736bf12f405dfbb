import { nearest } from '../../lib/nearest.js'
import { type Context, nodes } from '../context.js'
import type { Check, Problem } from './check.js'

/** kubelet.config as the kubelet will read it: what it does not know it leaves out without failing. */
export const kubeletFieldChecks: readonly Check[] = [
  {
    name: 'KubeletConfig',
    about: "Fields below kubelet.config are the kubelet's of this minor.",
    run: (context): Problem[] => {
      const { spec } = context
      const [first] = nodes(context)
      const forAll = Object.keys(spec.kubelet.config)
      return [
        ...(first
          ? problems(context, first.spec.name, forAll, (field) => spec.at(`kubelet.config.${field}`))
          : []),
        ...nodes(context).flatMap(({ spec: { name, kubeletConfig, at } }) =>
          problems(
            context,
            name,
            Object.keys(kubeletConfig).filter((field) => !forAll.includes(field)),
            () => at,
          ),
        ),
      ]
    },
  },
]

function problems(
  { release }: Context,
  host: string,
  fields: readonly string[],
  place: (field: string) => string,
): Problem[] {
  const known = [...release.kubelet.fields, 'kind', 'apiVersion']
  return fields
    .filter((field) => !known.includes(field))
    .map((field) => {
      const close = nearest(field, known)
      return {
        host,
        severity: 'warning',
        what: `the kubelet of Kubernetes ${release.minor} has no field ${field} and will leave it out (${place(field)})`,
        next: close ? `did you mean ${close}?` : 'see KubeletConfiguration (v1beta1) of that version',
      }
    })
}
