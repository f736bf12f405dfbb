/** By name; what each does is in faults.js. */
export const classes: Readonly<Record<string, object>>
