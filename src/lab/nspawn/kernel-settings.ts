import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** What they were before the first lab; all labs of this machine share them, and a reboot forgets both. */
const remembered = '/run/kubestrap-lab'

/** What a machine's kernel must allow its labs, by file. */
const settings = [
  { path: '/proc/sys/net/ipv4/ip_forward', least: 1 },
  // all machines of all labs share root's: each init takes six, each kubelet five more, and 128 is the kernel's default
  { path: '/proc/sys/fs/inotify/max_user_instances', least: 1024 },
]

/** Sees to them, and remembers what was there. Idempotent. */
export async function kernelSettingsUp(): Promise<void> {
  for (const { path, least } of settings) {
    const before = (await readFile(path, 'utf8')).trim()
    if (Number(before) >= least) continue
    await mkdir(remembered, { recursive: true })
    await writeFile(join(remembered, basename(path)), before)
    await writeFile(path, String(least))
  }
}

/** Puts back what was there before the first lab. */
export async function kernelSettingsDown(): Promise<void> {
  for (const { path } of settings) {
    const before = await readFile(join(remembered, basename(path)), 'utf8').catch(() => undefined)
    if (before !== undefined) await writeFile(path, before)
  }
  await rm(remembered, { recursive: true, force: true })
}
