import { listAt, textAt } from '../kubernetes/read.js'

/** An object that somebody wrote last in the words of an API that goes. */
export interface OldWriting {
  /** "default/web", or the name alone. */
  object: string
  /** The field manager: "kubectl-client-side-apply", "helm". */
  by: string
}

/** Components of Kubernetes write in the words of their own minor: the next one writes in others. */
const ownManagers =
  /^(kube-(apiserver|controller-manager|scheduler|proxy)|kubelet|api-priority-and-fairness-.*)$/

/**
 * Who wrote objects by an API that goes, by the managers of their fields; none that Kubernetes itself wrote. Pure.
 * @param objects of a list, as another API serves them: reading by the one that goes would count as a use of it
 */
export function oldWritings(objects: readonly unknown[], apiVersion: string): OldWriting[] {
  return objects.flatMap((object) => {
    const [namespace, name] = ['namespace', 'name'].map((key) => textAt(object, 'metadata', key))
    const managers = listAt(object, 'metadata', 'managedFields')
      .filter((entry) => textAt(entry, 'apiVersion') === apiVersion)
      .map((entry) => textAt(entry, 'manager'))
      .filter((manager) => manager !== '' && !ownManagers.test(manager))
    return [...new Set(managers)].map((by) => ({
      object: namespace ? `${namespace}/${name}` : `${name}`,
      by,
    }))
  })
}
