import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../src/host/facts/facts.js'
import { binaries, fetchPackages } from '../../../src/phases/binaries.js'
import { packages } from '../../../src/phases/packages.js'
import { releasedContainerd } from '../../../src/runtimes/containerd/released.js'
import { dockerByCri } from '../../../src/runtimes/docker/cri-dockerd.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { fetchedProgram, sentPrograms } from '../../support/programs.js'

const context = (facts: Partial<Facts>, fetched: boolean) => {
  const asked: string[] = []
  const of = contextOf([machine({ name: 'w1', roles: ['worker'] }, facts)], {
    programs: {
      ...sentPrograms,
      program: (name, arch, version) => {
        asked.push(`${arch}/${name}`)
        return fetched ? fetchedProgram(name) : sentPrograms.program(name, arch, version)
      },
    },
  })
  return { of, asked }
}
/** What the steps wait for, and the packages that are missing where none is installed. */
const built = ({ of }: ReturnType<typeof context>) => ({
  needs: [...new Set(binaries.steps(of).flatMap(({ needs = [] }) => needs))],
  packages: packages.steps(of).flatMap((step) => {
    if (step.id !== 'packages:node') return []
    return step.diff([]).map(({ summary }) => summary)
  }),
})

describe('programs that hosts download', () => {
  it('are of the architecture of each host', () => {
    const arm = context({ arch: 'arm64' }, true)
    binaries.steps(arm.of)
    expect(arm.asked).toEqual(['arm64/kubelet', 'arm64/kubectl'])
  })

  it('wait for what fetches them where it is missing, and for nothing else', () => {
    const bare = built(context({ lacksForDownloads: ['curl', 'ca-certificates'] }, true))
    expect(bare.needs).toEqual(['w1/@proxy', 'w1/packages:node'])
    expect(bare.packages[0]).toMatch(/, curl, ca-certificates$/)
    const ready = built(context({ lacksForDownloads: [] }, true))
    expect(ready.needs).toEqual(['w1/@proxy'])
    expect(ready.packages[0]).not.toContain('curl')
  })

  it('need nothing to unpack with, unless an archive is among them', () => {
    const lacksForDownloads = ['curl', 'tar', 'gzip']
    const bare = context({ lacksForDownloads }, true).of
    const [w1 = machine({ name: 'w1' })] = bare.machines
    expect(fetchPackages(bare, w1)).toEqual(['curl'])
    expect(fetchPackages({ ...bare, runtime: releasedContainerd }, w1)).toEqual(lacksForDownloads)
  })

  it('say where they come from in a plan', () => {
    const [kubelet] = binaries.steps(context({}, true).of)
    expect(kubelet?.diff({ kind: 'absent' })).toMatchObject([
      {
        summary: 'install /usr/bin/kubelet from releases.test',
        effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }],
      },
    ])
  })
})

it('programs that are sent need nothing on the host', () => {
  const sent = built(context({ lacksForDownloads: ['curl', 'ca-certificates'] }, false))
  expect(sent.needs).toEqual([])
  expect(sent.packages[0]).not.toContain('curl')
})

it('a program of the runtime is brought before the turn of a living node, and replaced in it', async () => {
  const stepsOf = (living: boolean) => {
    const host = fakeHost('w1', { files: { '/usr/bin/cri-dockerd': 'of before' } })
    const w1 = { ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: living }), host }
    return binaries
      .steps(contextOf([w1], { runtime: dockerByCri }))
      .filter(({ id }) => id.endsWith('/cri-dockerd'))
  }
  const [brought, replaced] = stepsOf(true)
  expect(brought?.prepares).toBe(true)
  expect(replaced?.within?.id).toBe('w1/node')
  const changes = replaced?.diff(await replaced.probe()) ?? []
  expect(changes).toHaveLength(1)
  expect(replaced?.disrupts?.(changes)).toBe('node')
  const born = stepsOf(false)
  expect(born.map(({ id, within }) => [id, within])).toEqual([['binary:/usr/bin/cri-dockerd', undefined]])
})
