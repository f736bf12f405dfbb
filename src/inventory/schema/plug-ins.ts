import { z } from 'zod'

/** `runtime`. */
export const runtimeSchema = z
  .string()
  .optional()
  .describe(
    'Container runtime: containerd or docker (from Kubernetes 1.24 on with cri-dockerd). Default containerd, before 1.24 docker; an existing cluster keeps its runtime.',
  )

/** `docker`. */
export const dockerSchema = z
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
  .describe('Docker as the container runtime.')

/** `network`. */
export const networkSchema = z
  .string()
  .optional()
  .describe(
    'Pod network: flannel (images from a registry or the bundle) or bridge (nodes in one layer 2 network; no images). Default flannel; an existing cluster keeps its network.',
  )

/** `flannel`. */
export const flannelSchema = z
  .strictObject({
    backend: z
      .enum(['vxlan', 'host-gw'])
      .optional()
      .describe(
        'vxlan (over any network, UDP port 8472) or host-gw (routes, for nodes in one layer 2 network). Default vxlan.',
      ),
  })
  .optional()
  .describe('flannel as the Pod network.')

/** `loadBalancer`. */
export const loadBalancerSchema = z
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
  .describe('Load balancer in front of the API servers at kubernetes.controlPlaneEndpoint. Default: none.')
