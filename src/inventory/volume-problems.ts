import { hostFile } from '../lib/grammar/host-path.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** Directories below /etc/kubernetes in which kubestrap and kubeadm put files themselves. */
const own = /^(?:manifests|pki|tmp|.*\.conf)$/

const writePath =
  'an absolute path of letters, digits, ".", "_", "-", "+" and "@", without "..": /var/log/kubernetes'

/** What is wrong with `extraVolumes` of the components of the control plane, beside the forms of their names. */
export function volumeProblems(inventory: Inventory): Found[] {
  const sources = new Map<string, string>()
  return (['apiServer', 'controllerManager', 'scheduler'] as const).flatMap((component) => {
    const mounts = new Map<string, string>()
    return Object.entries(inventory[component]?.extraVolumes ?? {}).flatMap(([name, volume]) => {
      const { hostPath, mountPath = hostPath, source } = volume
      const path = [component, 'extraVolumes', name]
      const found: Found[] = []
      const tell = (key: string, what: string, write: string): void => {
        found.push({ path: [...path, key], what, write })
      }
      const mountKey = volume.mountPath === undefined ? 'hostPath' : 'mountPath'
      for (const key of ['hostPath', 'mountPath'] as const)
        if (volume[key] !== undefined && !isPath(volume[key]))
          tell(key, `${JSON.stringify(volume[key])} is not a path`, writePath)
      const twin = mounts.get(plain(mountPath))
      if (twin !== undefined)
        tell(mountKey, `${twin} is mounted at ${mountPath}, too`, 'a mountPath of its own')
      mounts.set(plain(mountPath), name)
      if (source === undefined) return found
      if (!isForFiles(hostPath))
        tell(
          'hostPath',
          `kubestrap writes a source only to a directory of its own below /etc/kubernetes, not to ${hostPath}`,
          'a path such as /etc/kubernetes/audit/policy.yaml; for another one remove source and put the file there by hand',
        )
      if (volume.pathType !== undefined && !/^File/.test(volume.pathType))
        tell('pathType', `a source is a file, not a ${volume.pathType}`, 'File, the default with source')
      const around = [...sources.keys()].find(
        (one) => hostPath.startsWith(`${one}/`) || one.startsWith(`${hostPath}/`),
      )
      if (around !== undefined)
        tell('hostPath', `${around} is a file, or a directory, too`, 'another directory')
      const other = sources.get(hostPath)
      if (other !== undefined && other !== source)
        tell('source', `${hostPath} is written from ${other}, too`, 'one source for it, or another hostPath')
      sources.set(hostPath, source)
      return found
    })
  })
}

/** A path without a slash at its end. */
const plain = (text: string): string => text.replace(/(?<=.)\/$/, '')

const isPath = (text: string): boolean => hostFile.accepts(plain(text))

/** Whether a path is that of a file in a directory below /etc/kubernetes that nothing else uses. */
function isForFiles(path: string): boolean {
  const [directory = '', ...rest] = path.startsWith('/etc/kubernetes/') ? path.slice(16).split('/') : []
  return rest.length > 0 && rest.at(-1) !== '' && !own.test(directory) && !directory.startsWith('.')
}
