import { readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'

/**
 * Removes a machine's cgroups in every hierarchy, children first. Its processes have ended; the
 * kernel may need a moment to notice, so what is still busy is left for the next call.
 * Returns the number of groups that are left.
 */
export async function removeCgroups(machine: string): Promise<number> {
  const hierarchies = await readdir(root, { withFileTypes: true })
  const counts = await Promise.all(
    hierarchies
      .filter((entry) => entry.isDirectory())
      .map((entry) => removeTree(join(root, entry.name, `lab-${machine}`))),
  )
  return counts.reduce((sum, left) => sum + left, 0)
}

async function removeTree(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return 0
  let left = 0
  for (const entry of entries) if (entry.isDirectory()) left += await removeTree(join(path, entry.name))
  return rmdir(path).then(
    () => left,
    () => left + 1,
  )
}
