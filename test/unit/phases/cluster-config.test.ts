import { expect, test } from 'vitest'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { clusterConfig } from '../../../src/phases/cluster-config.js'
import { contextOf, machine, withVersion } from '../../support/context.js'

const binding = 'object:ClusterRoleBinding:kubeadm:cluster-admins'

test.each(releases)(
  '$minor: what gives admin.conf its rights comes before all else in the cluster',
  (release) => {
    const steps = clusterConfig.steps(contextOf([withVersion(release.version, machine())]))
    const born = ['cluster/api-ready', 'cp1/authorities']
    const admins = release.certificates.adminOrganization === 'kubeadm:cluster-admins'
    const [first, ...others] = steps
    expect(steps.some(({ id }) => id === binding)).toBe(admins)
    if (admins) expect([first?.id, first?.needs]).toEqual([binding, born])
    for (const { needs } of admins ? others : steps)
      expect(needs).toEqual(admins ? [...born, `cluster/${binding}`] : born)
  },
)
