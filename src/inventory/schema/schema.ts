import { z } from 'zod'
import {
  binariesSchema,
  certificatesSchema,
  kubeconfigSchema,
  kubernetesSchema,
  networkingSchema,
  verifySchema,
} from './cluster.js'
import {
  apiServerSchema,
  controllerManagerSchema,
  dnsSchema,
  kubeletSchema,
  kubeProxySchema,
  schedulerSchema,
} from './components.js'
import { etcdSchema } from './etcd.js'
import { defaultsSchema, groupsSchema, hostsSchema } from './hosts.js'
import { labSchema } from './lab.js'
import { dockerSchema, loadBalancerSchema, networkSchema, runtimeSchema } from './plug-ins.js'
import { sourcesSchema } from './program-sources.js'
import { registriesSchema } from './registries.js'
import { sshSchema } from './ssh.js'

/** The inventory as a user writes it. One schema for types, validation and JSON Schema. */
export const inventorySchema = z
  .strictObject({
    include: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'Further files, relative to this file. Mappings are merged; this file takes precedence over included files, a later file over an earlier one.',
      ),
    kubernetes: kubernetesSchema,
    networking: networkingSchema,
    runtime: runtimeSchema,
    docker: dockerSchema,
    registries: registriesSchema.optional(),
    network: networkSchema,
    loadBalancer: loadBalancerSchema,
    dns: dnsSchema,
    apiServer: apiServerSchema,
    controllerManager: controllerManagerSchema,
    scheduler: schedulerSchema,
    etcd: etcdSchema,
    certificates: certificatesSchema,
    kubelet: kubeletSchema,
    kubeProxy: kubeProxySchema,
    binaries: binariesSchema,
    sources: sourcesSchema,
    verify: verifySchema,
    kubeconfig: kubeconfigSchema,
    ssh: sshSchema.optional(),
    defaults: defaultsSchema,
    groups: groupsSchema,
    hosts: hostsSchema,
    lab: labSchema,
  })
  .describe('kubestrap inventory')

export type Inventory = z.infer<typeof inventorySchema>

/** JSON Schema of the inventory, for editors. */
export function inventoryJsonSchema(): unknown {
  return z.toJSONSchema(inventorySchema, { target: 'draft-7' })
}
