import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer, kubestrap } from './program.js'

/** What each machine can tell of itself besides a support bundle; its journals are of all its boots. */
const script = `journalctl --no-pager -o short-precise
echo; echo "== processes"; ps -eo pid,ppid,lstart,args
echo; echo "== mounts"; cat /proc/mounts; df
echo; echo "== kubestrap"; find /run/kubestrap /var/lib/kubestrap -type f 2>/dev/null
echo; echo "== kubernetes"; find /etc/kubernetes /etc/etcd /etc/default/etcd /var/lib/etcd -printf '%M %s %t %p\\n' 2>/dev/null
docker ps -a 2>/dev/null`

/**
 * Keeps what may tell why a try did not converge, before its machines are removed.
 * @param folder where; made here
 * @param texts what is known of the try, by file name
 */
export async function keepEvidence(lab, folder, texts) {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text)
  await kubestrap(['support-bundle', '-i', lab.file, '-o', join(folder, `bundle-${Date.now()}.tar.gz`)])
  for (const one of lab.machines) {
    const leader = lab.leader(one)
    if (leader === undefined) continue
    const told = await answer('nsenter', [
      ...['-t', String(leader), '-m', '-u', '-i', '-n', '-p', 'sh', '-c', script],
    ])
    writeFileSync(join(folder, `${one.name}.txt`), told.stdout + told.stderr)
  }
}
