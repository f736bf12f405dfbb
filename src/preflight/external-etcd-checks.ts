import semver from 'semver'
import { clusterRelease } from '../cluster/cluster-release.js'
import type { Check, Problem } from './check.js'

/** An etcd that is there already, as control planes that are not nodes yet see it. */
export const externalEtcdChecks: readonly Check[] = [
  {
    name: 'ExternalEtcdClientCertificates',
    about: 'The files of the etcd client are on the control plane nodes where the inventory says.',
    run: (_context, { etcd }) =>
      etcd.flatMap(({ from, endpoint, problem }): Problem[] =>
        endpoint !== ''
          ? []
          : [
              {
                host: from,
                severity: 'error',
                what: problem ?? '',
                next: 'copy the files to that place; or name local files, which up copies: etcd.external.ca, cert and key',
              },
            ],
      ),
  },
  {
    name: 'ExternalEtcdHealth',
    about: 'Each endpoint of the external etcd answers and serves linearizable reads.',
    run: (_context, { etcd }) =>
      etcd.flatMap(({ from, endpoint, problem }): Problem[] =>
        endpoint === '' || problem === undefined
          ? []
          : [
              {
                host: from,
                severity: 'error',
                what: `${endpoint}: ${problem}`,
                next: 'start etcd; or check whether its certificate and that of the client are signed by the CA in etcd.external',
              },
            ],
      ),
  },
  {
    name: 'ExternalEtcdVersion',
    about: 'The external etcd has at least the version that Kubernetes requires.',
    run: (context, { etcd }) => {
      const { minimumEtcd } = clusterRelease(context)
      return etcd.flatMap(({ from, endpoint, version }): Problem[] =>
        version === '' || semver.gte(version, minimumEtcd, { loose: true })
          ? []
          : [
              {
                host: from,
                severity: 'error',
                what: `${endpoint} is etcd ${version}, and at least ${minimumEtcd} is required`,
                next: 'upgrade etcd, or ignore ExternalEtcdVersion',
              },
            ],
      )
    },
  },
]
