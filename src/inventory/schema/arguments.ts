import { z } from 'zod'

/** `extraArgs` of a component: any flag, by its name. */
export const extraArgs = z
  .record(z.string(), z.string())
  .describe(
    'Flags by name without dashes; they take precedence over the flags that kubeadm would set. Values are strings.',
  )
