import { readdir, readFile } from 'node:fs/promises'
import type { LabSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { command, must } from '../command.js'
import { kernelSettingsDown, kernelSettingsUp } from './kernel-settings.js'

const table = (lab: LabSpec): string => `kubestrap-${lab.bridge}`
const ours = 'kubestrap-lab:'
const comment = (lab: LabSpec): string => `${ours}${lab.bridge}`

/** Bridge, its address, what the kernel must allow, and a way out for the machines. Idempotent. */
export async function networkUp(lab: LabSpec): Promise<void> {
  const link = await command('ip', ['-o', 'link', 'show', lab.bridge])
  if (link.code !== 0) {
    await must('ip', ['link', 'add', lab.bridge, 'type', 'bridge'])
    // the alias is how `down` knows the bridge as its own
    await must('ip', ['link', 'set', lab.bridge, 'alias', comment(lab)])
  } else if (!(await isOurs(lab)))
    throw new UserError('preflight', `network link ${lab.bridge} exists, and does not belong to this lab`, {
      next: 'choose another name in lab.bridge',
    })
  await must('ip', ['address', 'replace', lab.gateway, 'dev', lab.bridge])
  await must('ip', ['link', 'set', lab.bridge, 'up'])
  await kernelSettingsUp()
  const tables = await must('nft', ['list', 'tables'])
  if (!tables.includes(`ip ${table(lab)}\n`)) await must('nft', [rules(lab)])
  await passDocker(lab)
}

/** One table of our own: it goes as a whole and leaves nothing. */
function rules(lab: LabSpec): string {
  return `table ip ${table(lab)} {
    chain out {
      type nat hook postrouting priority srcnat;
      ip saddr ${lab.gateway} ip daddr != ${lab.gateway} masquerade
    }
  }`.replaceAll(lab.gateway, lab.gateway.replace(/\.\d+\//, '.0/'))
}

/** Where Docker runs on this machine the FORWARD policy is DROP, which no other table can overrule. */
async function passDocker(lab: LabSpec): Promise<void> {
  const chain = await command('nft', ['list', 'chain', 'ip', 'filter', 'FORWARD'])
  if (chain.code !== 0 || !chain.stdout.includes('policy drop') || chain.stdout.includes(comment(lab))) return
  for (const side of ['iifname', 'oifname'])
    await must('nft', [
      'insert',
      'rule',
      'ip',
      'filter',
      'FORWARD',
      side,
      lab.bridge,
      'accept',
      'comment',
      `"${comment(lab)}"`,
    ])
}

/** Takes away what networkUp made, and nothing else. Idempotent. */
export async function networkDown(lab: LabSpec): Promise<void> {
  const chain = await command('nft', ['-a', 'list', 'chain', 'ip', 'filter', 'FORWARD'])
  for (const line of chain.stdout.split('\n')) {
    const handle = line.includes(comment(lab)) ? /# handle (\d+)/.exec(line)?.[1] : undefined
    if (handle) await command('nft', ['delete', 'rule', 'ip', 'filter', 'FORWARD', 'handle', handle])
  }
  await command('nft', ['delete', 'table', 'ip', table(lab)])
  if (await isOurs(lab)) await command('ip', ['link', 'delete', lab.bridge])
  if (!(await otherLabs())) await kernelSettingsDown()
}

/** Whether a bridge of another lab is there: its machines need the way out. */
async function otherLabs(): Promise<boolean> {
  const links = await readdir('/sys/class/net')
  const aliases = await Promise.all(
    links.map((link) => readFile(`/sys/class/net/${link}/ifalias`, 'utf8').catch(() => '')),
  )
  return aliases.some((alias) => alias.startsWith(ours))
}

async function isOurs(lab: LabSpec): Promise<boolean> {
  const alias = await readFile(`/sys/class/net/${lab.bridge}/ifalias`, 'utf8').catch(() => '')
  return alias.trim() === comment(lab)
}
