import { it } from 'vitest'
import { changed, good, said } from './support.js'

const cases: [string, string][] = [
  ['"1.20.2"', '1.20'],
  ['"1.20.2"', '1.20.2'],
  ['"1.20.2"', 'true'],
  ['"1.20.2"', '"1.20"'],
  ['"1.20.2"', '"1.20.2-rc.1"'],
  ['"1.20.2"', '"1.19.3"'],
  ['"1.20.2"', '"1.36.2"'],
  ['"1.20.2"', '"1.36.2"\nruntime: docker'],
  ['"1.20.2"', '1.20 # comment'],
  ['"1.20.2"', '12'],
  ['"1.20.2"', '0x10'],
  ['"1.20.2"', '[1, 20]'],
  ['"1.20.2"', ''],
  ['"1.20.2"', 'null'],
  ['networking:', 'networkin:'],
  ['podSubnet', 'podSubnets'],
  ['bundle: ./bundle', 'bundel: ./bundle'],
  ['address: 192.0.2.21', 'adress: 192.0.2.21'],
  ['{ disk: ssd }', '{ disk: 5 }'],
  ['address: 192.0.2.11,', 'addr: 192.0.2.11, port: 5,'],
  ['binaries:\n  bundle: ./bundle\n', ''],
  ['  version: "1.20.2"\n', ''],
  ['    roles: [worker]\n', ''],
  ['[worker]', '[]'],
  ['[worker]', 'worker'],
  ['[worker]', '[worker, controlplane]'],
  ['[worker]', '[minion]'],
  ['binaries:', 'binaries: 5\nruntime:'],
  ['bundle: ./bundle', 'bundle: ""'],
  ['hosts:', 'hosts: {}\nssh:'],
  ['  w1:', '  CP1:'],
  ['  w1:', '  cp1:'],
  ['192.0.2.21', '192.0.2.11'],
  ['192.0.2.21', '192.0.2.021'],
  ['192.0.2.21', '192.0.2.256'],
  ['192.0.2.21', 'worker.example.com'],
  ['192.0.2.21', '192.0.2'],
  ['10.244.0.0/16', '10.244.0.1/16'],
  ['10.244.0.0/16', '10.244.0.0'],
  ['10.244.0.0/16', '10.244.0.0/33'],
  ['10.244.0.0/16', '10.100.0.0/16'],
  ['10.244.0.0/16', '192.0.2.0/24'],
  ['10.244.0.0/16', '192.0.0.0/16'],
  ['10.244.0.0/16', '10.244.0.0/24'],
  ['10.96.0.0/12', '10.0.0.0/11'],
  ['10.96.0.0/12', '10.96.0.0/29'],
  ['10.96.0.0/12', '10.96.0.0/28'],
  ['10.96.0.0/12', 'fd00:1::1/112'],
  ['api.example.com:6443', 'api.example.com'],
  ['api.example.com:6443', 'api.example.com:0'],
  ['api.example.com:6443', 'api.example.com:70000'],
  ['api.example.com:6443', 'https://api:6443'],
  ['api.example.com:6443', '"[::1:6443"'],
  ['api.example.com:6443', '192.0.2.300:6443'],
  ['[control-plane]', '[worker]'],
  ['{ disk: ssd }', '{ "a b": ssd }'],
  ['{ disk: ssd }', '{ disk: "a b" }'],
  ['{ disk: ssd }', '{ "-/x": y }'],
  ['dedicated=batch:NoSchedule', 'dedicated=batch'],
  ['dedicated=batch:NoSchedule', 'a:NoSched'],
  ['binaries:', 'apiServer:\n  bindPort: 0\n  extraArgs:\n    --v: "4"\n    -x: "5"\nbinaries:'],
  ['binaries:', 'apiServer:\n  extraArgs: { v: 4 }\nbinaries:'],
  ['binaries:', 'apiServer:\n  certSANs: [a, "b c"]\nbinaries:'],
  ['binaries:', 'runtime: dokcer\nnetwork: flannel\nbinaries:'],
  ['  w1:', '  w_1:'],
  ['./bundle', './bundle\n  bundle: x'],
  ['binaries:', 'binaries: [\nx:'],
  ['binaries:', '\tbinaries:'],
  ['binaries:', 'ssh: { port: 70000, hostKeys: acceptnew }\nbinaries:'],
  ['binaries:', 'kubelet: { config: { kind: Kubelet, apiVersion: v1 } }\nbinaries:'],
  ['binaries:', 'dns: { enabled: yes }\nbinaries:'],
  ['binaries:', 'etcd: { dataDir: var }\nbinaries:'],
  ['binaries:', 'lab: { gateway: 10.88.0.1, bridge: kubestrap-bridge0 }\nbinaries:'],
  ['binaries:', 'networking2:\nbinaries:'],
  ['binaries:', '__proto__: { a: 1 }\nbinaries:'],
]
it('x', () => {
  for (const [a, b] of cases) {
    let out: string
    try {
      out = said(changed(a, b)).join('\n    ')
    } catch (e) {
      out = 'THROWN ' + (e as Error).stack
    }
    console.log(JSON.stringify([a, b]) + '\n    ' + out)
  }
  for (const t of [
    '',
    '[]',
    'null',
    '5',
    '"x"',
    'a: b',
    '# c\n',
    good + '---\n' + good,
    '&a [*a]',
    'kubernetes: &k {version: "1.20.2"}\nhosts: {a: *k}',
    'a: !!js x',
    '? [a]\n: b',
    '{}',
  ]) {
    let out: string
    try {
      out = said(t).join('\n    ')
    } catch (e) {
      out = 'THROWN ' + (e as Error).stack
    }
    console.log(JSON.stringify(t) + '\n    ' + out)
  }
})
