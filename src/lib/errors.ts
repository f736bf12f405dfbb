/** Exit codes; the numbers are a promise to scripts. docs/reference/exit-codes.md is made of the comments: `npm run reference`. */
export const exitCodes = {
  /** done; with `--no-verify` also while nodes are not ready yet, which the last message names */
  ok: 0,
  /** a bug in kubestrap; please report it */
  bug: 1,
  /** the command line; `up`, `reset`, `remove` and `rollout`, where there is a question and no terminal to ask on */
  usage: 2,
  /** the inventory, or a version in it that was not released */
  inventory: 3,
  /** a preflight check, a plan (`up --plan`) that is not what would be done now, or a bundle or a published digest that cannot be trusted; `upgrade plan`: something stands in the way; `new`: the file is written, and a machine already belongs to a cluster */
  preflight: 4,
  /** a host cannot be reached or rejects the login, or a digest cannot be fetched; `new`: the file is written all the same */
  connection: 5,
  /** a step failed; `plan`, `status --drift`: a step could not be checked */
  step: 6,
  /** the cluster does not verify */
  verification: 7,
  /** `plan --detailed-exitcode`, `status --drift`: there are changes */
  planHasChanges: 10,
  /** interrupted (Ctrl-C once: steps that have started are finished; twice: at once) */
  interrupted: 130,
} as const

/** The class of a failure the user can do something about; it decides the exit code. */
export type ErrorKind = Exclude<keyof typeof exitCodes, 'ok' | 'bug' | 'planHasChanges'>

export interface UserErrorFields {
  /** Why it happened, as far as we know: the command's own words. */
  why?: string
  /** What probably made it so, where the words do not say it themselves. */
  likely?: string
  /** The code of that cause, KSnnnn: `kubestrap explain` has its page. */
  causeCode?: string
  /** What the reader should do now. */
  next?: string
  /** The host it happened on, when there is one. */
  host?: string
  /** The whole run ends with it: no further step starts, no wait goes on. */
  endsRun?: true
  /** Another run has what this one had: who that is, in its own words, or '' where it did not say. */
  takenOverBy?: string
  /** No waiting heals it: somebody must act before another look can find anything else. */
  final?: true
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
  readonly causeCode: string | undefined
  readonly next: string | undefined
  readonly host: string | undefined
  readonly endsRun: boolean
  readonly takenOverBy: string | undefined
  readonly final: boolean

  constructor(kind: ErrorKind, message: string, fields: UserErrorFields = {}) {
    super(message, { cause: fields.cause })
    this.name = 'UserError'
    this.kind = kind
    this.why = fields.why
    this.likely = fields.likely
    this.causeCode = fields.causeCode
    this.next = fields.next
    this.host = fields.host
    this.endsRun = fields.endsRun === true
    this.takenOverBy = fields.takenOverBy
    this.final = fields.final === true
  }
}

/** What to do where another run took over: it looks at everything itself. */
export const afterTakeOver =
  'nothing has to be repeated: this run ends; when the other has ended, kubestrap plan shows whether anything is left of this inventory'

/** Who took over, where that is what an error says, or what it was caused by; '' where it did not say. */
export function takenOverBy(error: unknown): string | undefined {
  if (!(error instanceof UserError)) return undefined
  return error.takenOverBy ?? takenOverBy(error.cause)
}

/** A host gave no answer to a question: nothing may be concluded from it. */
export class NoAnswer extends UserError {
  constructor(message: string, fields: UserErrorFields = {}) {
    super('connection', message, fields)
    this.name = 'NoAnswer'
  }
}

/** What an error says; of anything else that was thrown, how it is written. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Whether an error is a fault of the program itself, which no waiting and no second look heals: it ends the run at
 * once. What a host or the API answered is none: an address that is no URL, a text that is no JSON.
 */
export function isBug(error: unknown): boolean {
  if (error instanceof TypeError) return !('code' in error && error.code === 'ERR_INVALID_URL')
  return (
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    (error instanceof Error && error.name === 'AssertionError')
  )
}

/**
 * What a look finds missing, in words; of one that fails, why: what is waited for is not there yet. Throws for a bug alone.
 */
export async function missingOrWhy(look: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await look()
  } catch (error) {
    if (isBug(error)) throw error
    return messageOf(error)
  }
}
