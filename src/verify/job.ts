import { at, listAt, nameOf, textAt } from '../kubernetes/read.js'
import { check, NotSoYet, until } from './check.js'
import { podWords } from './pod-words.js'
import { ask, type Probe } from './probe.js'
import { job as jobObject, servicePort } from './workload.js'

/** A Job of three pods at once; what they print, read through the API, is a Service's address from their environment. */
export async function job(probe: Probe): Promise<void> {
  const { options, context, kube, namespace } = probe
  const made = jobObject(namespace, context.spec.verify.image, [...context.away])
  const done = await check(
    options,
    'a Job with three completions',
    async () => {
      await kube.createOwn(made)
      await until(options, context.sleep, 60_000, async () => {
        const now = await kube.get(made)
        const succeeded = Number(at(now, 'status', 'succeeded') ?? 0)
        if (succeeded !== 3) throw new NotSoYet(`${succeeded} of 3 Pods have succeeded`)
      })
      return '3 completions, 3 at a time'
    },
    () => podWords(kube, namespace, 'labelSelector=job-name%3Dthree'),
  )
  if (!done) return
  const ip = textAt(probe.services.get('echo'), 'spec', 'clusterIP')
  await check(options, "logs, and a Service in a Pod's environment", async () => {
    const pods = await kube.list(
      { apiVersion: 'v1', kind: 'Pod' },
      namespace,
      'labelSelector=job-name%3Dthree',
    )
    const finished = pods.filter((pod) => listAt(pod, 'status', 'containerStatuses').length > 0)
    await Promise.all(
      finished.map((pod) =>
        ask(probe, 'API server', `log of ${nameOf(pod)}`, async () => {
          const { status, body } = await kube.text(`/api/v1/namespaces/${namespace}/pods/${nameOf(pod)}/log`)
          if (status !== 200 || body.trim() !== `echo is at ${ip}:${servicePort}`)
            throw new NotSoYet(`answered ${status}: ${body.trim().slice(0, 200)}`)
          return body
        }),
      ),
    )
    return `${finished.length} logs`
  })
}
