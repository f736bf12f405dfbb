import { z } from 'zod'
import { leaderElectionSchema } from './leader-election.js'
import { record } from './record.js'
import { registriesSchema } from './registry-schema.js'
import { hostSshSchema, sshSchema } from './ssh-schema.js'

const extraArgs = z
  .record(z.string(), z.string())
  .describe('Flags by name without dashes; they win over what kubeadm would set. Values are strings.')

const clientFile = (what: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`${what}: a file here, copied to each control plane; ~ and paths relative to this file.`)

const planeFile = (instead: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(
      `Instead of ${instead}: absolute path of a file that each control plane has already (as in kubeadm).`,
    )

const componentConfig = record(z.unknown())

const roles = z.enum(['control-plane', 'worker', 'etcd', 'load-balancer'])

/** What can be said of one host, of a group of hosts, or of all. */
const settings = {
  roles: z
    .array(roles)
    .min(1)
    .optional()
    .describe(
      'control-plane, worker, or both (a control plane that also takes workloads); etcd, on hosts that are no nodes; load-balancer, alone or beside any.',
    ),
  connection: z
    .enum(['ssh', 'local'])
    .optional()
    .describe('local: this very machine, without SSH. Default ssh.'),
  ssh: sshSchema.optional(),
  labels: record(z.string()).optional().describe('Node labels.'),
  taints: z.array(z.string()).optional().describe('Node taints, "key=value:Effect" or "key:Effect".'),
  kubelet: z
    .strictObject({
      config: componentConfig.optional().describe('Fields merged into KubeletConfiguration.'),
      extraArgs: extraArgs.optional(),
    })
    .optional()
    .describe("The host's kubelet, over the cluster's."),
}

const hostSettings = z.strictObject(settings)
export type HostSettings = z.infer<typeof hostSettings>

const groupNames = z.array(z.string())

const group = z.strictObject({
  ...settings,
  groups: groupNames.optional().describe('Groups this one belongs to; its own settings win over theirs.'),
})

const host = z.strictObject({
  address: z
    .string()
    .describe("IP address: the node's InternalIP, and what SSH dials unless ssh.host says otherwise."),
  groups: groupNames
    .optional()
    .describe('Groups it belongs to; later ones win over earlier ones, the host over all.'),
  ...settings,
  ssh: hostSshSchema.optional(),
})

/** The inventory as a user writes it. One schema for types, validation and JSON Schema. */
export const inventorySchema = z
  .strictObject({
    include: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'Further files, seen from this one. Mappings are merged; this file wins over what it includes, a later one over an earlier one.',
      ),
    kubernetes: z
      .strictObject({
        version: z.string().describe('Kubernetes version, quoted: "1.20.2".'),
        clusterName: z.string().min(1).optional().describe('Name in kubeconfigs. Default kubernetes.'),
        controlPlaneEndpoint: z
          .string()
          .optional()
          .describe(
            'host:port of the API for everybody; a name is kept in /etc/hosts of the nodes. Default the first control plane.',
          ),
        imageRepository: z
          .string()
          .min(1)
          .optional()
          .describe("Registry of the control plane's images. Default the release's."),
      })
      .describe('Which Kubernetes.'),
    networking: z
      .strictObject({
        podSubnet: z.string().optional().describe('Default 10.244.0.0/16.'),
        serviceSubnet: z.string().optional().describe('Default 10.96.0.0/12.'),
        dnsDomain: z.string().optional().describe('Default cluster.local.'),
      })
      .optional()
      .describe('Subnets of the cluster.'),
    runtime: z
      .string()
      .optional()
      .describe(
        'Container runtime: docker (from Kubernetes 1.24 on with cri-dockerd) or containerd. Default docker.',
      ),
    docker: z
      .strictObject({
        criDockerd: z
          .string()
          .min(1)
          .optional()
          .describe(
            "The program cri-dockerd, on this side, for Kubernetes from 1.24 on; ~ and paths relative to this file. Default the bundle's.",
          ),
      })
      .optional()
      .describe('Docker as the runtime.'),
    registries: registriesSchema.optional(),
    network: z
      .string()
      .optional()
      .describe(
        'Pod network: bridge (nodes on one link) or flannel (VXLAN; its images from a registry or the bundle). Default bridge.',
      ),
    loadBalancer: z
      .strictObject({
        type: z
          .string()
          .describe(
            'haproxy (on hosts with the role load-balancer), node-local (haproxy on each node, for that node), kube-vip (a pod on control planes) or external (your own).',
          ),
        virtualIP: z
          .string()
          .optional()
          .describe(
            "Address that moves between the balancers, and that the endpoint's name stands for; with external: the balancer's address, where its name does not resolve by itself.",
          ),
        interface: z
          .string()
          .optional()
          .describe("Interface that carries the virtual IP. Default the one with the host's address."),
        routerId: z
          .int()
          .min(1)
          .max(255)
          .optional()
          .describe(
            "virtual_router_id of VRRP, one of its own for each virtual IP in a network. Default the address's last byte.",
          ),
        image: z.string().min(1).optional().describe("kube-vip's image."),
      })
      .optional()
      .describe('What stands before the API servers at kubernetes.controlPlaneEndpoint. Default nothing.'),
    dns: z
      .strictObject({
        enabled: z.boolean().optional().describe('CoreDNS as an add-on. Default true.'),
        imageTag: z.string().optional().describe("Default the release's."),
      })
      .optional()
      .describe('Cluster DNS.'),
    apiServer: z
      .strictObject({
        bindPort: z.int().min(1).max(65535).optional().describe('Port of each API server. Default 6443.'),
        certSANs: z
          .array(z.string())
          .optional()
          .describe(
            "Further names and addresses in the API server's certificate; the load balancer's virtual IP is there by itself.",
          ),
        extraArgs: extraArgs.optional(),
      })
      .optional()
      .describe('kube-apiserver.'),
    controllerManager: z
      .strictObject({ extraArgs: extraArgs.optional(), leaderElection: leaderElectionSchema.optional() })
      .optional()
      .describe('kube-controller-manager.'),
    scheduler: z
      .strictObject({ extraArgs: extraArgs.optional(), leaderElection: leaderElectionSchema.optional() })
      .optional()
      .describe('kube-scheduler.'),
    etcd: z
      .strictObject({
        dataDir: z.string().optional().describe('Default /var/lib/etcd.'),
        imageTag: z.string().optional().describe("Default the release's."),
        extraArgs: extraArgs.optional(),
        install: z
          .enum(['package', 'tarball', 'bundle'])
          .optional()
          .describe(
            "Where hosts with the role etcd have its programs from: package (the distribution's), tarball (a release of etcd, see tarball) or bundle (etcd and etcdctl in it). Default tarball where one is named, else package.",
          ),
        tarball: z
          .strictObject({
            file: z
              .string()
              .min(1)
              .describe('etcd-vX.Y.Z-linux-ARCH.tar.gz; ~ and paths relative to this file.'),
            sha256: z.string().describe("Its SHA-256, from the release's SHA256SUMS."),
          })
          .optional()
          .describe('A release of etcd, for hosts with the role etcd.'),
        external: z
          .strictObject({
            endpoints: z.array(z.string()).min(1).describe('Client URLs of its members, https://HOST:2379.'),
            ca: clientFile('Certificate of its authority'),
            cert: clientFile('Certificate that the API servers show it'),
            key: clientFile('Key of that certificate'),
            caFile: planeFile('ca'),
            certFile: planeFile('cert'),
            keyFile: planeFile('key'),
          })
          .optional()
          .describe(
            'An etcd that is there already: nothing is installed on it. Not beside hosts with the role etcd.',
          ),
      })
      .optional()
      .describe(
        'etcd: on the control planes, or on hosts with the role etcd, or one that is there (external).',
      ),
    certificates: z
      .strictObject({
        renewBefore: z
          .string()
          .optional()
          .describe(
            'up renews a certificate that expires within this time, such as 30d or 720h; never before the last third of its life. Default 90d.',
          ),
      })
      .optional()
      .describe('The certificates that kubestrap signs; a kubelet renews its own.'),
    kubelet: z
      .strictObject({
        config: componentConfig.optional().describe('Fields merged into KubeletConfiguration.'),
        extraArgs: extraArgs.optional(),
      })
      .optional()
      .describe('Every kubelet.'),
    kubeProxy: z
      .strictObject({
        config: componentConfig.optional().describe('Fields merged into KubeProxyConfiguration.'),
      })
      .optional()
      .describe('kube-proxy.'),
    binaries: z
      .strictObject({
        bundle: z.string().min(1).describe('Directory with bundle.json; ~ and paths relative to this file.'),
        sha256: z
          .string()
          .optional()
          .describe("SHA-256 of its bundle.json, which has every file's: no other bundle is used."),
      })
      .describe('Where programs and images come from.'),
    verify: z
      .strictObject({ image: z.string().min(1).optional().describe('Image with busybox for the test pods.') })
      .optional()
      .describe('How the cluster is verified.'),
    kubeconfig: z
      .strictObject({
        loginUser: z
          .boolean()
          .optional()
          .describe(
            'Make the SSH login user of each control plane an administrator of the cluster: admin.conf as ~/.kube/config, readable by that user. Default false: root alone has it.',
          ),
      })
      .optional()
      .describe('Kubeconfigs on control planes.'),
    ssh: sshSchema.optional(),
    defaults: hostSettings.optional().describe('Settings of every host; groups and hosts win over them.'),
    groups: record(group).optional().describe('Settings that several hosts share.'),
    hosts: record(host).describe('The machines, by node name.'),
    lab: z
      .strictObject({
        provider: z.literal('nspawn').optional().describe('systemd-nspawn machines on this one.'),
        bridge: z.string().optional().describe('Name of the network bridge. Default ks-lab0.'),
        gateway: z.string().describe("This side's address with prefix: 10.88.0.1/24."),
        directory: z
          .string()
          .min(1)
          .optional()
          .describe('Where machines and keys are kept. Default ~/.cache/kubestrap/lab.'),
        packages: z
          .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'name of a Debian package'))
          .optional()
          .describe('Debian packages that the machines have from the start. Default none.'),
      })
      .optional()
      .describe('Throw-away machines for this inventory (kubestrap lab up).'),
  })
  .describe('kubestrap inventory')

export type Inventory = z.infer<typeof inventorySchema>

/** JSON Schema of the inventory, for editors. */
export function inventoryJsonSchema(): unknown {
  return z.toJSONSchema(inventorySchema, { target: 'draft-7' })
}
