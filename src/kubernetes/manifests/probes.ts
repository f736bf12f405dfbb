import type { ProbePaths } from '../releases/release.js'

export interface ProbeTarget {
  /** "" leaves the choice to the kubelet: the pod's address. */
  host: string
  /** Number, or the port's name. */
  port: number | string
  scheme: 'HTTP' | 'HTTPS'
}

/** Seconds the API server has to come up: kubeadm's timeoutForControlPlane. */
const startupSeconds = 240
const periodSeconds = 10

/** The probes of a control-plane container with kubeadm's delays and thresholds. */
export function probes(paths: ProbePaths, target: ProbeTarget): Record<string, unknown> {
  const get = (path: string): Record<string, unknown> => {
    const { host, port, scheme } = target
    return { httpGet: { ...(host ? { host } : {}), path, port, scheme } }
  }
  const slow = { initialDelaySeconds: 10, periodSeconds, timeoutSeconds: 15 }
  return {
    livenessProbe: { ...get(paths.liveness), ...slow, failureThreshold: 8 },
    ...(paths.readiness
      ? {
          readinessProbe: {
            ...get(paths.readiness),
            failureThreshold: 3,
            periodSeconds: 1,
            timeoutSeconds: 15,
          },
        }
      : {}),
    startupProbe: { ...get(paths.startup), ...slow, failureThreshold: startupSeconds / periodSeconds },
  }
}

/** Where to probe a server that listens on this address (kubeadm: getProbeAddress). */
export const probeHost = (bindAddress: string): string =>
  bindAddress === '0.0.0.0' || bindAddress === '::' ? '' : bindAddress
