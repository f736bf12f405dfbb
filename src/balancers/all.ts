import type { Balancer } from './balancer.js'
import { external } from './external.js'
import { haproxy } from './haproxy/haproxy.js'
import { kubeVip } from './kube-vip/kube-vip.js'
import { nodeLocal } from './node-local.js'

/** Every load balancer that an inventory may name. */
export const balancers: readonly Balancer[] = [haproxy, nodeLocal, kubeVip, external]
