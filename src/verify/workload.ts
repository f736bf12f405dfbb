import type { KubeObject } from '../kubernetes/kube-object.js'

/** By it leftovers of a cut verification are found. */
export const verifyLabel = 'kubestrap.io/verify'

/** Port the pods listen on, and that of their Service. */
export const podPort = 8080
export const servicePort = 80

// A pod answers with its node's name, and fetches what it is asked to: so traffic from pods is tested
// without exec, which needs more of the cluster than what is under test.
// No -T: Debian's static busybox dies of it; who asks has a deadline of his own.
const fetchScript = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
exec wget -q -O - "http://$QUERY_STRING/"
`
const start = `mkdir -p /tmp/www/cgi-bin && printf %s "$FETCH" >/tmp/www/cgi-bin/fetch && chmod 0755 /tmp/www/cgi-bin/fetch &&
printf '%s\\n' "$NODE_NAME" >/tmp/www/index.html && exec httpd -f -p ${podPort} -h /tmp/www`

export function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [verifyLabel]: 'true' } } }
}

/** One web server on every node, tainted or not. */
export function daemonSet(namespace: string, image: string): KubeObject {
  const labels = { app: 'echo' }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'echo', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'echo',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', start],
              env: [
                { name: 'FETCH', value: fetchScript },
                { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
              ],
              ports: [{ containerPort: podPort }],
              readinessProbe: {
                httpGet: { path: '/', port: podPort },
                periodSeconds: 1,
                failureThreshold: 30,
              },
            },
          ],
        },
      },
    },
  }
}

export function service(namespace: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'echo', namespace },
    spec: {
      type: 'NodePort',
      selector: { app: 'echo' },
      ports: [{ port: servicePort, targetPort: podPort }],
    },
  }
}
