/** Exit codes, as documented in the README; the numbers are a promise to scripts. */
export const exitCodes = {
  ok: 0,
  bug: 1,
  usage: 2,
  inventory: 3,
  preflight: 4,
  connection: 5,
  step: 6,
  verification: 7,
  planHasChanges: 10,
  interrupted: 130,
} as const

/** The class of a failure the user can do something about; it decides the exit code. */
export type ErrorKind = Exclude<keyof typeof exitCodes, 'ok' | 'bug' | 'planHasChanges'>

export interface UserErrorFields {
  /** Why it happened, as far as we know: the command's own words. */
  why?: string
  /** What probably made it so, where the words do not say it themselves. */
  likely?: string
  /** What the reader should do now. */
  next?: string
  /** The host it happened on, when there is one. */
  host?: string
  cause?: unknown
}

/**
 * A failure that is not a bug in kubestrap: bad input, an unreachable host, a step that failed.
 * Carries what, why and the next move; only the CLI prints it. Anything else that reaches the
 * top is a bug and printed with its stack.
 */
export class UserError extends Error {
  readonly kind: ErrorKind
  readonly why: string | undefined
  readonly likely: string | undefined
  readonly next: string | undefined
  readonly host: string | undefined

  constructor(kind: ErrorKind, message: string, fields: UserErrorFields = {}) {
    super(message, { cause: fields.cause })
    this.name = 'UserError'
    this.kind = kind
    this.why = fields.why
    this.likely = fields.likely
    this.next = fields.next
    this.host = fields.host
  }
}
