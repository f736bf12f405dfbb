import { z } from 'zod'
import { leaderElectionSchema } from './leader-election.js'
import { record } from './record.js'
import { registriesSchema } from './registry-schema.js'
import { hostSshSchema, sshSchema } from './ssh-schema.js'

const extraArgs = z
  .record(z.string(), z.string())
  .describe(
    'Flags by name without dashes; they take precedence over the flags that kubeadm would set. Values are strings.',
  )

const clientFile = (what: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`${what}: a local file, copied to each control plane node; ~ and paths relative to this file.`)

const planeFile = (instead: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(
      `Instead of ${instead}: absolute path of an existing file on each control plane node (as in kubeadm).`,
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
      'control-plane, worker, or both (a control plane node that also runs workloads); etcd, on hosts that are not nodes; load-balancer, alone or with any other role.',
    ),
  connection: z
    .enum(['ssh', 'local'])
    .optional()
    .describe('local: the computer kubestrap runs on, without SSH. Default ssh.'),
  ssh: sshSchema.optional(),
  labels: record(z.string()).optional().describe('Node labels.'),
  taints: z.array(z.string()).optional().describe('Node taints, "key=value:Effect" or "key:Effect".'),
  kubelet: z
    .strictObject({
      config: componentConfig.optional().describe('Fields merged into KubeletConfiguration.'),
      extraArgs: extraArgs.optional(),
    })
    .optional()
    .describe("Kubelet of this host; takes precedence over the cluster's."),
}

const hostSettings = z.strictObject(settings)
export type HostSettings = z.infer<typeof hostSettings>

const groupNames = z.array(z.string())

const group = z.strictObject({
  ...settings,
  groups: groupNames.optional().describe('Groups this group belongs to; its own settings take precedence.'),
})

const host = z.strictObject({
  address: z
    .string()
    .describe("IP address: the node's InternalIP, and the address SSH connects to unless ssh.host is set."),
  groups: groupNames
    .optional()
    .describe(
      'Groups of the host; later groups take precedence over earlier ones, and the host over all groups.',
    ),
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
        'Further files, relative to this file. Mappings are merged; this file takes precedence over included files, a later file over an earlier one.',
      ),
    kubernetes: z
      .strictObject({
        version: z.string().describe('Kubernetes version, quoted: "1.20.2".'),
        clusterName: z
          .string()
          .min(1)
          .optional()
          .describe('Cluster name in kubeconfigs. Default kubernetes.'),
        controlPlaneEndpoint: z
          .string()
          .optional()
          .describe(
            'host:port of the API for all clients; a name is kept in /etc/hosts of the nodes. Default: the first control plane node.',
          ),
        imageRepository: z
          .string()
          .min(1)
          .optional()
          .describe('Registry of the control plane images. Default: that of the release.'),
      })
      .describe('Kubernetes version and API endpoint.'),
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
            'The program cri-dockerd, a local file, for Kubernetes from 1.24 on; ~ and paths relative to this file. Default: that of the bundle.',
          ),
      })
      .optional()
      .describe('Docker as the container runtime.'),
    registries: registriesSchema.optional(),
    network: z
      .string()
      .optional()
      .describe(
        'Pod network: bridge (nodes in one layer 2 network) or flannel (VXLAN; images from a registry or the bundle). Default bridge.',
      ),
    loadBalancer: z
      .strictObject({
        type: z
          .string()
          .describe(
            'haproxy (on hosts with the role load-balancer), node-local (haproxy on each node, for that node), kube-vip (a Pod on control plane nodes) or external (your own).',
          ),
        virtualIP: z
          .string()
          .optional()
          .describe(
            "Virtual IP, which moves between the load balancers and to which the endpoint's name resolves; with external: the address of the load balancer, if its name does not resolve.",
          ),
        interface: z
          .string()
          .optional()
          .describe("Interface for the virtual IP. Default: the interface with the host's address."),
        routerId: z
          .int()
          .min(1)
          .max(255)
          .optional()
          .describe(
            'virtual_router_id of VRRP, unique for each virtual IP in a network. Default: the last byte of the address.',
          ),
        image: z.string().min(1).optional().describe('Image of kube-vip.'),
      })
      .optional()
      .describe(
        'Load balancer in front of the API servers at kubernetes.controlPlaneEndpoint. Default: none.',
      ),
    dns: z
      .strictObject({
        enabled: z.boolean().optional().describe('CoreDNS as an add-on. Default true.'),
        imageTag: z.string().optional().describe('Default: that of the release.'),
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
        imageTag: z.string().optional().describe('Default: that of the release.'),
        extraArgs: extraArgs.optional(),
        install: z
          .enum(['package', 'tarball', 'bundle'])
          .optional()
          .describe(
            'Source of the etcd programs on hosts with the role etcd: package (of the distribution), tarball (a release of etcd, see tarball) or bundle (its etcd and etcdctl). Default: tarball if one is named, else package.',
          ),
        tarball: z
          .strictObject({
            file: z
              .string()
              .min(1)
              .describe('etcd-vX.Y.Z-linux-ARCH.tar.gz; ~ and paths relative to this file.'),
            sha256: z.string().describe('SHA-256 of the file, from SHA256SUMS of the release.'),
          })
          .optional()
          .describe('A release of etcd, for hosts with the role etcd.'),
        external: z
          .strictObject({
            endpoints: z.array(z.string()).min(1).describe('Client URLs of the members, https://HOST:2379.'),
            ca: clientFile('CA certificate of etcd'),
            cert: clientFile('Client certificate of the API servers'),
            key: clientFile('Key of the client certificate'),
            caFile: planeFile('ca'),
            certFile: planeFile('cert'),
            keyFile: planeFile('key'),
          })
          .optional()
          .describe('An existing etcd, on which nothing is installed. Excludes hosts with the role etcd.'),
      })
      .optional()
      .describe(
        'etcd: on the control plane nodes, on hosts with the role etcd, or an existing one (external).',
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
      .describe('Kubelet of every node.'),
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
      .describe('Source of programs and images.'),
    verify: z
      .strictObject({ image: z.string().min(1).optional().describe('Image with busybox for the test Pods.') })
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
    defaults: hostSettings.optional().describe('Settings of every host; groups and hosts take precedence.'),
    groups: record(group).optional().describe('Settings that several hosts share.'),
    hosts: record(host).describe('The hosts, by node name.'),
    lab: z
      .strictObject({
        provider: z
          .literal('nspawn')
          .optional()
          .describe('systemd-nspawn machines on the computer kubestrap runs on.'),
        bridge: z.string().optional().describe('Name of the network bridge. Default ks-lab0.'),
        gateway: z.string().describe('Address of this computer on the bridge, with prefix: 10.88.0.1/24.'),
        directory: z
          .string()
          .min(1)
          .optional()
          .describe('Directory of machines and keys. Default ~/.cache/kubestrap/lab.'),
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
