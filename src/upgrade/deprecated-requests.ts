/** An API that an API server was asked for since it started, and that goes with a later minor. */
export interface DeprecatedRequest {
  /** "policy/v1beta1" */
  apiVersion: string
  /** "poddisruptionbudgets", or with a subresource "pods/eviction". */
  resource: string
  /** The minor that no longer has it: "1.25". */
  removed: string
}

const metric = 'apiserver_requested_deprecated_apis'
/** A line is as long as its labels; what is not of the form was not written by an API server. */
const line = new RegExp(`^${metric}\\{([^}]{1,1000})\\} 1(?:\\s|$)`)
const label = /(\w{1,40})="([\w./-]{0,200})"/g

/**
 * What an API server's /metrics say of deprecated APIs, without those that no minor is named for. Pure.
 * The gauge is 1 once it was asked; it begins anew with each start of the API server
 * (kubernetes.io/docs/reference/using-api/deprecation-guide, "Locate use of deprecated APIs").
 */
export function deprecatedRequests(metrics: string): DeprecatedRequest[] {
  return metrics.split('\n').flatMap((text): DeprecatedRequest[] => {
    const labels = line.exec(text)?.[1]
    if (labels === undefined) return []
    const of = Object.fromEntries(
      [...labels.matchAll(label)].map(([, name = '', value = '']) => [name, value]),
    )
    const { group = '', version = '', resource = '', subresource = '', removed_release: removed = '' } = of
    if (version === '' || resource === '' || !/^\d{1,3}\.\d{1,3}$/.test(removed)) return []
    return [
      {
        apiVersion: group === '' ? version : `${group}/${version}`,
        resource: subresource === '' ? resource : `${resource}/${subresource}`,
        removed,
      },
    ]
  })
}
