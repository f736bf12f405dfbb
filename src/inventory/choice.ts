/** What a new cluster has by default and a living one keeps, whatever later defaults are: paths in the inventory. */
export const choices = ['kubernetes.version', 'runtime', 'network'] as const

export type Choice = (typeof choices)[number]

/** Where programs beside Kubernetes come from: by default from what works on a new cluster's hosts, and a living one keeps it. */
export const openSources = ['runtime', 'cniPlugins'] as const

export type OpenSource = (typeof openSources)[number]

/** What a living cluster has, of what the inventory does not name; and what hosts download because nothing else works on them. */
export type Kept = Readonly<Partial<Record<Choice, string>> & { downloads?: readonly OpenSource[] }>
