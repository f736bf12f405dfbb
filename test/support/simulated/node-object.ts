/** A Node as a kubelet of 1.20 on Docker registers it, with the fields others look at. */
export function nodeObject(of: {
  name: string
  address: string
  ready: boolean
  bootId?: string | undefined
}) {
  const condition = (type: string, status: boolean) => ({
    type,
    status: status ? 'True' : 'False',
    reason: 'Simulated',
    message: '',
    lastHeartbeatTime: new Date().toISOString().replace(/\.\d+/, ''),
    lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
  })
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: of.name,
      labels: {
        'kubernetes.io/hostname': of.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
      },
    },
    spec: {},
    status: {
      addresses: [
        { type: 'InternalIP', address: of.address },
        { type: 'Hostname', address: of.name },
      ],
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
      allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
      conditions: [
        condition('Ready', of.ready),
        condition('MemoryPressure', false),
        condition('DiskPressure', false),
        condition('PIDPressure', false),
      ],
      nodeInfo: {
        architecture: 'amd64',
        bootID: of.bootId ?? 'simulated',
        containerRuntimeVersion: 'docker://20.10.24',
        kernelVersion: 'simulated',
        kubeProxyVersion: 'v1.20.2',
        kubeletVersion: 'v1.20.2',
        machineID: 'simulated',
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        systemUUID: 'simulated',
      },
    },
  }
}
