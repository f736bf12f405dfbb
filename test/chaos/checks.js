import { kubestrap, shortened, sleep } from './program.js'

/** A run of up that nothing disturbs. */
const runMs = 900_000

/** Digests of the cluster's authorities and of the key of its service accounts, by control plane; of those that have them. */
export async function identity(lab) {
  const script =
    'cd /etc/kubernetes/pki 2>/dev/null && sha256sum ca.crt ca.key sa.key sa.pub front-proxy-ca.crt 2>/dev/null || :'
  const told = await Promise.all(lab.planes.map((plane) => lab.inside(plane, script)))
  const digests = told.flatMap((text) => text.split('\n').filter(Boolean))
  return [...new Set(digests)].sort()
}

/** Runs up, which must succeed. @returns how many steps it changed, or what went wrong */
async function undisturbed(lab, what) {
  const ran = await kubestrap(['up', '--yes', '-i', lab.file, '-o', 'json', '--no-verify'], {
    timeoutMs: runMs,
  })
  if (ran.code !== 0) return { problem: `${what} exits with ${ran.code}: ${shortened(ran.stderr)}` }
  const events = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const changed = events.filter(({ type, status }) => type === 'step-finished' && status === 'changed')
  return { changed: changed.map(({ step }) => step.key) }
}

/**
 * What is not as promised after a fault; nothing when all is well.
 * @param before what `identity` told before, each of which must be there still
 * @param data names of the ConfigMaps that were written before the fault
 */
export async function problemsAfter(lab, before, data) {
  const problems = []
  const next = await undisturbed(lab, 'the next run')
  if (next.problem) return [next.problem]
  const now = await identity(lab)
  const lost = before.filter((one) => !now.includes(one))
  if (lost.length > 0) problems.push(`authorities and keys are others: ${lost.join('; ')}`)
  if (now.length !== 5) problems.push(`authorities and keys differ between control planes: ${now.join('; ')}`)
  const again = await undisturbed(lab, 'a second run')
  if (again.problem) problems.push(again.problem)
  else if (again.changed.length > 0) problems.push(`a second run changed ${again.changed.join(', ')}`)
  return [...problems, ...(await clusterProblems(lab, data))]
}

async function clusterProblems(lab, data) {
  const problems = []
  const told = await kubestrap(['status', '-i', lab.file, '-o', 'json'])
  const { etcd = [], nodes = [], drift } = told.stdout === '' ? {} : JSON.parse(told.stdout)
  if (etcd.length !== lab.members) problems.push(`etcd has ${etcd.length} members, not ${lab.members}`)
  const states = etcd.map(({ state }) => state).sort()
  if (states.some((state) => state !== 'leader' && state !== 'follower'))
    problems.push(`etcd: ${states.join(', ')}`)
  if (drift !== 0) problems.push(`status tells a drift of ${drift}: ${told.stderr.slice(-500)}`)
  if (nodes.length !== lab.nodes.length) problems.push(`${nodes.length} nodes, not ${lab.nodes.length}`)
  const kept = (await lab.kubectl('get configmaps -o name')).split('\n')
  const gone = data.filter((name) => !kept.includes(`configmap/${name}`))
  if (gone.length > 0) problems.push(`written before, and gone: ${gone.join(', ')}`)
  const cordoned = await lab.kubectl(
    `get nodes -o jsonpath='{range .items[?(@.spec.unschedulable==true)]}{.metadata.name} {end}'`,
  )
  if (cordoned.trim() !== '') problems.push(`left cordoned: ${cordoned}`)
  const notReady = await settled(lab)
  if (notReady !== '') problems.push(`not Ready: ${notReady}`)
  return problems
}

/** A kubelet that has just been started may take some seconds to say so. @returns nodes that are not Ready */
async function settled(lab) {
  const ask = `get nodes -o jsonpath='{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}'`
  for (let i = 0; ; i += 1) {
    const told = (await lab.kubectl(ask))
      .trim()
      .split(' ')
      .filter((one) => !one.endsWith('=True'))
    if (told.length === 0 || i === 30) return told.join(' ')
    await sleep(1_000)
  }
}
