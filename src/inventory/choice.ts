/** What a new cluster has by default and a living one keeps, whatever later defaults are: paths in the inventory. */
export const choices = ['kubernetes.version', 'runtime', 'network'] as const

export type Choice = (typeof choices)[number]

/** What a living cluster has, of what the inventory does not name. */
export type Kept = Readonly<Partial<Record<Choice, string>>>
