import { z } from 'zod'
import type { Choice, OpenSource } from '../choice.js'
import {
  binariesSchema,
  certificatesSchema,
  kubeconfigSchema,
  kubernetesSchema,
  networkingSchema,
  rolloutSchema,
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
import { dockerSchema, flannelSchema, loadBalancerSchema, networkSchema, runtimeSchema } from './plug-ins.js'
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
    flannel: flannelSchema,
    loadBalancer: loadBalancerSchema,
    dns: dnsSchema,
    apiServer: apiServerSchema,
    controllerManager: controllerManagerSchema,
    scheduler: schedulerSchema,
    etcd: etcdSchema,
    certificates: certificatesSchema,
    rollout: rolloutSchema,
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

/** As its author wrote it. */
export type WrittenInventory = z.infer<typeof inventorySchema>

/** With the version, runtime and network it stands for; see src/inventory/chosen.ts. */
export interface Inventory extends Omit<WrittenInventory, 'kubernetes'> {
  kubernetes: NonNullable<WrittenInventory['kubernetes']> & { version: string }
  runtime: string
  network: string
  /** Which of them its author left out. */
  unset: readonly Choice[]
  /** Sources that its author left out, and that hosts could download from. */
  unsetSources: readonly OpenSource[]
}

/** JSON Schema of the inventory, for editors. */
export function inventoryJsonSchema(): unknown {
  return z.toJSONSchema(inventorySchema, { target: 'draft-7' })
}
