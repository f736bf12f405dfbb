import { beforeEach, describe, expect, test, vi } from 'vitest'
import { NoAnswer, UserError } from '../../../../src/lib/errors.js'
import { replacePod } from '../../../../src/steps/static-pods/replace-pod.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

/** What was done and waited for, in order. */
const log: string[] = []
/** Why the Pod does not work, by how often it was replaced. */
let works: (Error | undefined)[] = []
let runs = true
/** Whether the kubelet starts it in time, by how often it was replaced. */
let starts: boolean[] = []
/** Whether the etcd member answers. */
let answers = false
/** Why the image of the new Pod is not there. */
let gone: UserError | undefined
vi.mock('../../../../src/steps/static-pods/image-there.js', () => ({
  imageThere: async () => {
    if (gone) throw gone
  },
}))
vi.mock('../../../../src/cluster/etcd/access.js', async (original) => ({
  ...(await original<object>()),
  withEtcd: async () => {
    if (!answers) throw new Error('no answer')
  },
}))
vi.mock('../../../../src/steps/etcd/spare.js', () => ({
  untilSpare: async () => log.push('the others can spare it'),
  untilWell: async () => {},
}))
vi.mock('../../../../src/steps/static-pods/until-new-pod.js', async (original) => ({
  ...(await original<object>()),
  untilNewPod: async (_: unknown, __: unknown, name: string, change: () => Promise<void>, alone: boolean) => {
    await change()
    log.push(`the new Pod of ${name} is there${alone ? ' alone' : ''}`)
    return starts.shift() ?? true
  },
}))
vi.mock('../../../../src/steps/static-pods/restart-pod.js', async (original) => ({
  ...(await original<object>()),
  untilWorks: async () => {
    const error = works.shift()
    if (error) throw error
    log.push('it works')
  },
}))
beforeEach(() => {
  log.length = 0
  works = []
  runs = true
  starts = []
  answers = false
  gone = undefined
})

async function replaced(name: string, planes = 1, next = 'kind: New'): Promise<string[]> {
  const path = `/etc/kubernetes/manifests/${name}.yaml`
  const machines = Array.from({ length: planes }, (_, i) => {
    const host = fakeHost(`cp${i + 1}`, {
      files: { [path]: 'kind: Old' },
      answer: ({ what }) =>
        what === 'look for the cause'
          ? { stdout: Buffer.from(`${name}: Error: unknown flag: --no-such-flag\n`) }
          : { code: runs ? 0 : 3 },
      onMutate: ({ script }) => {
        log.push(script.startsWith('rm -f') ? 'its mark goes' : script)
        return undefined
      },
    })
    const { write } = host
    host.write = async (wish) => {
      log.push(`write ${String(wish.content)}`)
      await write(wish)
    }
    return { ...machine({ name: host.name, address: `10.88.0.1${i + 1}` }), host }
  })
  const [first] = machines
  if (!first) throw new Error('no control plane')
  const change = async (): Promise<void> => {
    log.push('write the new one')
    first.host.files.set(path, next)
  }
  await replacePod(contextOf(machines), first, name, change, { progress: (text) => log.push(text) })
  return [...log]
}

describe('a static Pod of another version', () => {
  test('is waited for until it works', async () => {
    expect(await replaced('kube-apiserver')).toEqual([
      'write the new one',
      'the new Pod of kube-apiserver is there',
      'it works',
      'its mark goes',
    ])
  })

  test.each(['etcd', 'kube-scheduler', 'kube-controller-manager'])(
    '%s: when the old one has ended',
    async (name) => {
      expect(await replaced(name)).toContain(`the new Pod of ${name} is there alone`)
    },
  )

  test('of a member waits until the others do without it', async () => {
    expect((await replaced('etcd', 3))[0]).toBe('the others can spare it')
  })

  test('whose image is gone is not touched, nor is anybody waited for', async () => {
    gone = new UserError('step', 'etcd is not changed: etcd:1 is no longer on cp1')
    await expect(replaced('etcd', 3)).rejects.toThrow('is no longer on cp1')
    expect(log).toEqual([])
  })

  test('of which the text alone is another is not waited for: the kubelet starts no other', async () => {
    starts = [false]
    expect(await replaced('etcd', 1, '# by hand\nkind: Old')).toEqual([
      'write the new one',
      'it works',
      'its mark goes',
    ])
  })

  test('that does not work gets its old manifest back, and the cause is told', async () => {
    works = [new UserError('step', 'kube-apiserver exits after each start')]
    await expect(replaced('kube-apiserver')).rejects.toMatchObject({
      message: 'the new kube-apiserver does not work: the old one runs again',
      host: 'cp1',
      why: 'kube-apiserver exits after each start\nkube-apiserver: Error: unknown flag: --no-such-flag',
    })
    expect(log).toEqual([
      'write the new one',
      'the new Pod of kube-apiserver is there',
      'kube-apiserver exits after each start: the old manifest is restored',
      'write kind: Old',
      'the new Pod of kube-apiserver is there',
      'it works',
      'its mark goes',
    ])
  })

  test('whose old one does not work either says both', async () => {
    works = [new UserError('step', 'it exits'), new UserError('step', 'it exits, too')]
    await expect(replaced('kube-scheduler')).rejects.toMatchObject({
      message: 'the new kube-scheduler does not work, nor does the old one, whose manifest was restored',
      why: expect.stringMatching(/^it exits\nit exits, too\n/),
    })
    expect(log).not.toContain('its mark goes')
  })

  test('on a machine that gives no answer is left as it is: nothing can be restored there', async () => {
    works = [new NoAnswer('cp1 does not answer')]
    await expect(replaced('kube-apiserver')).rejects.toThrow('cp1 does not answer')
    expect(log).not.toContain('write kind: Old')
  })

  test('is not begun where the kubelet does not run: nothing would start it', async () => {
    runs = false
    await expect(replaced('kube-apiserver')).rejects.toMatchObject({
      message: 'the kubelet of cp1 does not run: nothing would start the new kube-apiserver',
      next: expect.stringContaining('systemctl start kubelet.service'),
    })
    expect(log).toEqual([])
  })

  test('that the kubelet does not start in time gets its old manifest back', async () => {
    starts = [false, true]
    await expect(replaced('kube-scheduler')).rejects.toMatchObject({
      message: 'the new kube-scheduler does not work: the old one runs again',
      why: expect.stringMatching(/^the kubelet did not start the new Pod of kube-scheduler within 300 s/),
    })
  })

  test('of etcd that answered does not get an older one on its data, whatever fails then', async () => {
    works = [new UserError('step', 'balancers do not use it')]
    answers = true
    await expect(replaced('etcd')).rejects.toThrow('balancers do not use it')
    expect(log).not.toContain('write kind: Old')
    log.length = 0
    works = [new UserError('step', 'it exits')]
    answers = false
    await expect(replaced('etcd')).rejects.toThrow('the new etcd does not work: the old one runs again')
    expect(log).toContain('write kind: Old')
  })
})
