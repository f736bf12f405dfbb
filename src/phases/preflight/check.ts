import type { Context } from '../context.js'

/** Something that would make the run fail, or that its user should know. */
export interface Problem {
  host: string
  severity: 'error' | 'warning'
  what: string
  next: string
}

/** A named look at what is known before anything is planned. All run; each can be ignored by name. */
export interface Check {
  /** kubeadm's own name where it has one: "NumCPU". */
  name: string
  /** One sentence for the documentation. */
  about: string
  run(context: Context): readonly Problem[]
}
