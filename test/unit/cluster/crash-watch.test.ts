import { describe, expect, test } from 'vitest'
import { crashes, crashWatch } from '../../../src/cluster/crash-watch.js'
import { type ContainerState, containerStates } from '../../../src/runtimes/container-states.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const api = 'kube-apiserver'

/** One of the API server's containers that was started at a second and lived for so many. */
function container(
  id: string,
  started: number,
  lived: number,
  over: Partial<ContainerState> = {},
): ContainerState {
  return {
    name: api,
    pod: 'new',
    id,
    running: false,
    code: 1,
    started: started * 1000,
    ended: (started + lived) * 1000,
    ...over,
  }
}

describe('a container that exits after each start', () => {
  const twice = [container('b', 12, 1), container('a', 10, 1)]

  test('is one that ended twice soon after its start', () => {
    expect(crashes(api, twice, twice, 10_000)).toBe(true)
  })

  test.each<[string, ContainerState[], ContainerState[]?]>([
    ['ended once', [container('a', 10, 1)]],
    ['runs again', [container('c', 14, 0, { running: true }), ...twice]],
    ['runs still with what was before', [...twice, container('z', 1, 0, { running: true, pod: 'old' })]],
    ['lived for long: it waited for etcd', [container('b', 40, 20), container('a', 10, 20)]],
    ['ended without error', twice.map((one) => ({ ...one, code: 0 }))],
    ['does not tell how it ended', twice.map((one) => ({ ...one, code: undefined }))],
    [
      'ended twice with another manifest',
      [container('c', 14, 1), ...twice.map((one) => ({ ...one, pod: 'old' }))],
    ],
    ['ended before the wait alone', [container('b', 5, 1), container('a', 3, 1)]],
    ['is another', twice.map((one) => ({ ...one, name: 'etcd' }))],
    [
      'was started while the old one still had the port',
      [...twice, container('z', 1, 11, { pod: 'old', code: 0 })],
    ],
    ['was so once', [...twice, container('z', 1, 10, { pod: 'old', code: 137 })]],
    ['is not there', []],
  ])('is none that %s', (_, now) => {
    expect(crashes(api, now, now, 10_000)).toBe(false)
  })

  test('is known also when the kubelet has removed the first', () => {
    const [newest, first] = twice
    expect(crashes(api, newest ? [newest] : [], newest && first ? [first, newest] : [], 10_000)).toBe(true)
  })
})

describe('a watch on a wait', () => {
  /** What a look brings, one after the other; the last again and again. */
  function watching(answers: readonly (string | Error)[], names: readonly string[] = [api]) {
    let clock = 0
    const asked: string[] = []
    const host = fakeHost('cp1', {
      answer: (question) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)] ?? ''
        asked.push(question.script)
        if (answer instanceof Error) throw answer
        return { code: 0, stdout: Buffer.from(answer), stderr: '' }
      },
    })
    const one = { ...machine({ name: 'cp1' }), host }
    const watch = crashWatch({ ...contextOf([one]), now: () => new Date(clock) }, one, names)
    return {
      asked,
      at: (seconds: number): Promise<void> => {
        clock = seconds * 1000
        return watch()
      },
    }
  }
  const time = (second: number): string => new Date(second * 1000).toISOString()
  const ended = (id: string, from: number): string =>
    `${api} new ${id} ended 1 ${time(from)} ${time(from + 1)}`
  const unit = 'NRestarts=0 ExecMainStatus=0 SubState=running'

  test('ends it as soon as the second container has ended, and no sooner', async () => {
    // the host's clock is 1000 s ahead
    const { at } = watching([
      `1003\n${unit}\n${ended('a', 1001)}`,
      `1006\n${unit}\n${ended('b', 1004)}\n${ended('a', 1001)}`,
    ])
    await at(3)
    await expect(at(6)).rejects.toMatchObject({
      kind: 'step',
      message: `${api} exits after each start`,
      host: 'cp1',
      final: true,
    })
  })

  test('counts no start beside an old one, which may be removed before anybody sees it end', async () => {
    const old = `${api} old z running  ${time(900)} `
    const { at } = watching([
      `1003\n${unit}\n${ended('a', 1001)}\n${old}`,
      `1006\n${unit}\n${ended('b', 1004)}\n${ended('a', 1001)}`,
      `1017\n${unit}\n${ended('c', 1015)}\n${ended('b', 1004)}`,
      `1037\n${unit}\n${ended('d', 1035)}\n${ended('c', 1015)}`,
    ])
    await at(3)
    await at(6)
    await at(17)
    await expect(at(37)).rejects.toThrow(`${api} exits after each start`)
  })

  test('ends it when systemd starts the kubelet again and again', async () => {
    const { at } = watching(
      [
        '10\nNRestarts=1 ExecMainStatus=1 SubState=auto-restart\n',
        '20\nNRestarts=2 ExecMainStatus=1 SubState=auto-restart\n',
      ],
      [],
    )
    await at(10)
    await expect(at(20)).rejects.toThrow('kubelet.service exits after each start')
  })

  test('lets a kubelet be that runs, however often it was started', async () => {
    const { at } = watching(['10\nNRestarts=7 ExecMainStatus=0 SubState=running\n'])
    await at(10)
  })

  test('takes a look that fails for no verdict, and asks a host at most every two seconds', async () => {
    const { at, asked } = watching([new Error('no answer within 20 s')])
    for (const second of [0.5, 1, 1.5, 2, 2.5, 3, 4.5]) await at(second)
    expect(asked).toHaveLength(2)
  })
})

test('states of containers are read line by line, and what has another form is left out', () => {
  const lines = [
    'etcd u1 a running 0 2026-11-28T10:00:00.5Z 0001-01-01T00:00:00Z',
    'etcd u1 b ended 137 2026-11-28T09:00:00Z 2026-11-28T09:59:59.250Z',
    'etcd u1 c ended ? - -',
    'etcd u1 d dreams 1 - -',
    'etcd u1 e ended 1 - - more',
    '',
  ]
  expect(containerStates(lines.join('\n'))).toEqual([
    {
      name: 'etcd',
      pod: 'u1',
      id: 'a',
      running: true,
      code: undefined,
      started: Date.parse('2026-11-28T10:00:00.500Z'),
      ended: undefined,
    },
    {
      name: 'etcd',
      pod: 'u1',
      id: 'b',
      running: false,
      code: 137,
      started: Date.parse('2026-11-28T09:00:00Z'),
      ended: Date.parse('2026-11-28T09:59:59.250Z'),
    },
    {
      name: 'etcd',
      pod: 'u1',
      id: 'c',
      running: false,
      code: undefined,
      started: undefined,
      ended: undefined,
    },
  ])
})
