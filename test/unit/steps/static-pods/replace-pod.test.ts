import { beforeEach, describe, expect, test, vi } from 'vitest'
import { NoAnswer, UserError } from '../../../../src/lib/errors.js'
import { replacePod } from '../../../../src/steps/static-pods/replace-pod.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { unitsAnswer } from '../../../support/units-answer.js'

/** What was done and waited for, in order. */
const log: string[] = []
/** Why the Pod does not work, by how often it was replaced. */
let works: (Error | undefined)[] = []
let runs = true
/** Whether the kubelet starts it in time, by how often it was replaced. */
let starts: boolean[] = []
/** What writing the manifest ends with, and whether the manifest is there all the same. */
let failsToWrite: { error: Error; arrives: boolean } | undefined
/** Runs when the old manifest is written. */
let onWrite: (() => void) | undefined
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
  failsToWrite = undefined
  onWrite = undefined
})

const manifest = (name: string, tag: string): string =>
  `kind: Old\nspec: { containers: [{ image: "k8s.gcr.io/${name}:${tag}" }] }`

/** Replaces the manifest of one whose image has a tag, that of the release where it is etcd's. */
async function replaced(name: string, planes = 1, next = 'kind: New', tag = '3.4.13-0'): Promise<string[]> {
  const old = manifest(name, tag)
  const path = `/etc/kubernetes/manifests/${name}.yaml`
  const machines = Array.from({ length: planes }, (_, i) => {
    const host = fakeHost(`cp${i + 1}`, {
      files: { [path]: old },
      answer: (question) =>
        question.what === 'look for the cause'
          ? { stdout: Buffer.from(`${name}: Error: unknown flag: --no-such-flag\n`) }
          : unitsAnswer(question, runs ? 'active' : 'inactive'),
      onMutate: ({ what }) => {
        log.push(what === undefined || !what.includes('data') ? 'its mark goes' : what)
        return undefined
      },
    })
    const { write } = host
    host.write = async (wish) => {
      onWrite?.()
      log.push(`write ${String(wish.content).split('\n')[0]}`)
      await write(wish)
    }
    return { ...machine({ name: host.name, address: `10.88.0.1${i + 1}` }), host }
  })
  const [first] = machines
  if (!first) throw new Error('no control plane')
  const change = async (): Promise<void> => {
    if (failsToWrite?.arrives !== false) first.host.files.set(path, next)
    if (failsToWrite) throw failsToWrite.error
    log.push('write the new one')
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
    expect(await replaced('etcd', 1, `# by hand\n${manifest('etcd', '3.4.13-0')}`)).toEqual([
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

  describe('whose manifest could not be written', () => {
    const lost = new UserError('step', 'the connection was lost during a change')

    test('is no Pod that does not work: the old one runs on, and nothing is taken back', async () => {
      failsToWrite = { error: lost, arrives: false }
      await expect(replaced('etcd')).rejects.toThrow(lost)
      expect(log).toEqual([])
    })

    test('as far as is known, and was: goes on', async () => {
      failsToWrite = { error: lost, arrives: true }
      expect(await replaced('etcd')).toEqual([
        'the new Pod of etcd is there alone',
        'it works',
        'its mark goes',
      ])
    })

    test('by a run that has lost the machine: nothing more is done', async () => {
      failsToWrite = { error: new UserError('step', 'taken over', { endsRun: true }), arrives: true }
      await expect(replaced('etcd')).rejects.toThrow('taken over')
      expect(log).toEqual([])
    })
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

  describe('of an only etcd of another minor', () => {
    const older = (): Promise<string[]> => replaced('etcd', 1, 'kind: New', '3.3.10-0')

    test('is started on data of which there is a copy, that goes when it works', async () => {
      expect(await older()).toEqual([
        'end etcd, and copy its data',
        'write the new one',
        'the new Pod of etcd is there alone',
        'it works',
        "remove the copy of etcd's data",
        'its mark goes',
      ])
    })

    test('that does not work: the old one runs on the data as they are, where it can', async () => {
      works = [new UserError('step', 'it exits')]
      await expect(older()).rejects.toMatchObject({
        message: 'the new etcd does not work: the old one runs again',
      })
      expect(log).not.toContain('restore the data of etcd from before the change')
    })

    test('that raised the version of its data, which the old one does not read: on the copy', async () => {
      works = [new UserError('step', 'it exits'), new UserError('step', 'cluster cannot be downgraded')]
      await expect(older()).rejects.toMatchObject({
        message: expect.stringContaining('the old one runs again, on its data from before the change'),
      })
      expect(log.slice(log.indexOf('restore the data of etcd from before the change'))).toEqual([
        'restore the data of etcd from before the change',
        'write kind: Old',
        'the new Pod of etcd is there alone',
        'it works',
        'its mark goes',
        "remove the copy of etcd's data",
      ])
    })

    test('that raised it is no reason to take what was written since: the old one answers, and something else fails', async () => {
      works = [new UserError('step', 'it exits'), new UserError('step', 'the API server does not answer')]
      onWrite = () => {
        answers = true
      }
      await expect(older()).rejects.toMatchObject({
        why: expect.stringContaining('the API server does not answer'),
      })
      expect(log).not.toContain('restore the data of etcd from before the change')
    })

    test('on a machine that gives no answer any more keeps its data, and the copy', async () => {
      works = [new UserError('step', 'it exits'), new NoAnswer('cp1 does not answer')]
      await expect(older()).rejects.toMatchObject({ why: expect.stringContaining('cp1 does not answer') })
      expect(log).not.toContain('restore the data of etcd from before the change')
      expect(log).not.toContain("remove the copy of etcd's data")
    })

    test('of several no data are copied: one with old data would have forgotten what it promised', async () => {
      expect(await replaced('etcd', 3, 'kind: New', '3.3.10-0')).not.toContain('end etcd, and copy its data')
    })
  })
})
