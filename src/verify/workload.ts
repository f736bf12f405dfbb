import type { KubeObject } from '../kubernetes/kube-object.js'

/** By it leftovers of a cut verification are found. */
export const verifyLabel = 'kubestrap.io/verify'

/** The Service without an address of its own, and the name its pods have below it. */
export const headlessName = 'headless'
export const memberName = 'member'

/** Port the pods listen on, and that of their Services. */
export const podPort = 8080
export const servicePort = 80

// A pod answers with its node's name, and asks others when it is asked to: so traffic from pods is tested
// without exec, which needs more of the cluster than what is under test. Only the shell's own words and
// httpd, wget and nslookup of busybox are used.
// No -T: Debian's static busybox dies of it; who asks has a deadline of his own.
const scripts: Readonly<Record<string, string>> = {
  fetch: 'exec wget -q -O - "http://$QUERY_STRING/"',
  // sixteen times, each by a new connection
  many: 'i=0; while [ $i -lt 16 ]; do wget -q -O - "http://$QUERY_STRING/"; i=$((i + 1)); done',
  whoami: 'echo "$REMOTE_ADDR"',
  resolve: 'exec nslookup "$QUERY_STRING" 2>&1',
  resolver: 'exec cat /etc/resolv.conf',
}
const start = `mkdir -p /tmp/www/cgi-bin
${Object.entries(scripts)
  .map(
    ([name, script]) =>
      `printf '%s\\n' '#!/bin/sh' "printf 'Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n'" '${script}' >/tmp/www/cgi-bin/${name}`,
  )
  .join('\n')}
chmod 0755 /tmp/www/cgi-bin/*
printf '%s\\n' "$NODE_NAME" >/tmp/www/index.html
echo "serving on $NODE_NAME"
exec httpd -f -p ${podPort} -h /tmp/www`

const labels = { app: 'echo' }
const tolerations = [{ operator: 'Exists' }]

export function namespaceObject(name: string): KubeObject {
  // a pod in its node's network is beyond what Pod Security may let others have
  const labels = { [verifyLabel]: 'true', 'pod-security.kubernetes.io/enforce': 'privileged' }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

/** One web server on every node, tainted or not. */
export function daemonSet(namespace: string, image: string): KubeObject {
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
          hostname: memberName,
          subdomain: headlessName,
          tolerations,
          containers: [
            {
              name: 'echo',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', start],
              env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
              ports: [{ name: 'web', containerPort: podPort }],
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

export interface Lookup {
  name: string
  dnsPolicy: 'ClusterFirstWithHostNet' | 'Default'
  /** The name to ask for. */
  asks: string
  /** The node to run on. Default: any that is not away. */
  nodeName?: string | undefined
  /** Names of nodes that are down. */
  away: readonly string[]
}

/** A pod in its node's network that asks for a name once, and prints the answer. */
export function lookup(
  namespace: string,
  image: string,
  { name, dnsPolicy, asks, nodeName, away }: Lookup,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      hostNetwork: true,
      ...(nodeName ? { nodeName } : avoiding(away)),
      dnsPolicy,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      tolerations,
      containers: [
        {
          name,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', 'nslookup "$1" 2>&1; true', 'sh', asks],
        },
      ],
    },
  }
}

/** A Service of the web servers. */
export function service(namespace: string, name: string, spec: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: labels, ports: [{ port: servicePort, targetPort: podPort }], ...spec },
  }
}

/** Where a Service without a selector leads. */
export function endpoints(namespace: string, name: string, ip: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace },
    subsets: [{ addresses: [{ ip }], ports: [{ port: podPort }] }],
  }
}

/** Three pods at once that each print the environment the kubelet gives of Service `echo`. */
export function job(namespace: string, image: string, away: readonly string[] = []): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'three', namespace },
    spec: {
      completions: 3,
      parallelism: 3,
      backoffLimit: 1,
      template: {
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          tolerations,
          ...avoiding(away),
          containers: [
            {
              name: 'three',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', 'echo "echo is at $ECHO_SERVICE_HOST:$ECHO_SERVICE_PORT"'],
            },
          ],
        },
      },
    },
  }
}

/** For Pods that are to end: a node that is down takes those that tolerate everything. */
const avoiding = (names: readonly string[]) =>
  names.length === 0
    ? {}
    : {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              // a field takes one value at a time
              nodeSelectorTerms: [
                {
                  matchFields: names.map((name) => ({
                    key: 'metadata.name',
                    operator: 'NotIn',
                    values: [name],
                  })),
                },
              ],
            },
          },
        },
      }
