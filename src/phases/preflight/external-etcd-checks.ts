import semver from 'semver'
import type { Check, Problem } from './check.js'

/** An etcd that is there already, as control planes that are not nodes yet see it. */
export const externalEtcdChecks: readonly Check[] = [
  {
    name: 'ExternalEtcdClientCertificates',
    about: "The files of etcd's client are on the control planes, where the inventory says that they are.",
    run: (_context, { etcd }) =>
      etcd.flatMap(({ from, endpoint, problem }): Problem[] =>
        endpoint !== ''
          ? []
          : [
              {
                host: from,
                severity: 'error',
                what: problem ?? '',
                next: 'put them there; or name files here: etcd.external.ca, cert and key, which up copies',
              },
            ],
      ),
  },
  {
    name: 'ExternalEtcdHealth',
    about: 'Each endpoint of the etcd that is there answers, and takes part in reads that need a quorum.',
    run: (_context, { etcd }) =>
      etcd.flatMap(({ from, endpoint, problem }): Problem[] =>
        endpoint === '' || problem === undefined
          ? []
          : [
              {
                host: from,
                severity: 'error',
                what: `${endpoint}: ${problem}`,
                next: 'start it; or see whether its certificate and that of the client are of etcd.external’s authority',
              },
            ],
      ),
  },
  {
    name: 'ExternalEtcdVersion',
    about: 'The etcd that is there is not older than Kubernetes wants it.',
    run: ({ release }, { etcd }) =>
      etcd.flatMap(({ from, endpoint, version }): Problem[] =>
        version === '' || semver.gte(version, release.minimumEtcd, { loose: true })
          ? []
          : [
              {
                host: from,
                severity: 'error',
                what: `${endpoint} is etcd ${version}, and at least ${release.minimumEtcd} is needed`,
                next: 'upgrade it, or ignore ExternalEtcdVersion',
              },
            ],
      ),
  },
]
