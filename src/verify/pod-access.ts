import type { Channels } from '../kubernetes/client/web-socket.js'
import { check, NotSoYet } from './check.js'
import { ask, type EchoPod, type Probe } from './probe.js'
import { podPort } from './workload.js'

/** What a person does with a pod through the API: exec and port-forward, with a pod of each node. */
export async function podAccess(probe: Probe): Promise<void> {
  const pods = [...probe.pods.values()]
  const each = (what: string, access: (probe: Probe, pod: EchoPod) => Promise<string>): Promise<unknown> =>
    Promise.all(
      pods.map((pod) => ask(probe, 'API server', `${what} on ${pod.node}`, () => access(probe, pod))),
    )
  await Promise.all([
    check(probe.options, 'exec', async () => {
      await each('exec', exec)
      return `in ${pods.length} Pods`
    }),
    check(probe.options, 'port-forward', async () => {
      await each('port-forward', portForward)
      return `to ${pods.length} Pods`
    }),
  ])
}

const stdout = 1
const patienceMs = 15_000
/** What is asked for is one short answer. */
const maxWords = 64 * 1024

async function exec({ kube, namespace }: Probe, pod: EchoPod): Promise<string> {
  const words = ['sh', '-c', 'echo "$NODE_NAME"'].map((word) => `command=${encodeURIComponent(word)}`)
  const path = `/api/v1/namespaces/${namespace}/pods/${pod.name}/exec?${words.join('&')}&stdout=true&stderr=true`
  const said = await collect(await kube.channels(path), stdout)
  if (said.trim() !== pod.node) throw new NotSoYet(`answered "${said.trim().slice(0, 60)}"`)
  return said
}

async function portForward({ kube, namespace }: Probe, pod: EchoPod): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod.name}/portforward?ports=${podPort}`
  const channels = await kube.channels(path)
  channels.send(0, Buffer.from('GET / HTTP/1.0\r\n\r\n'))
  // channel 0 carries data; each channel begins with its port number, two bytes, little endian
  const said = (await collect(channels, 0, wholeAnswer)).slice(2)
  if (!said.startsWith('HTTP/1.') || !said.trimEnd().endsWith(pod.node))
    throw new NotSoYet(`answered "${said.slice(0, 80)}"`)
  return said
}

/** An HTTP answer with its one line of body. */
const wholeAnswer = (text: string): boolean => text.split('\r\n\r\n')[1]?.endsWith('\n') ?? false

/** What one channel says until the other side closes or it is enough. */
async function collect(
  channels: Channels,
  wanted: number,
  enough: (text: string) => boolean = () => false,
): Promise<string> {
  let text = ''
  let deadline: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      deadline = setTimeout(
        () => reject(new Error(`no complete answer within ${patienceMs / 1000} s`)),
        patienceMs,
      )
      channels.onMessage((channel, data) => {
        if (channel !== wanted) return
        text += data.toString('latin1')
        if (text.length > maxWords) reject(new Error(`it said more than ${maxWords} bytes`))
        if (enough(text)) resolve()
      })
      channels.closed.then(resolve, reject)
    })
  } finally {
    clearTimeout(deadline)
    channels.close()
  }
  return text
}
