import { plainValue } from '../../lib/plain-value.js'
import { redact } from '../../lib/secret.js'
import { listAt, textAt } from '../read.js'

/** The API server answered, and the answer is no: its own words (Status.message) and code. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    /** Status.details.causes, their reasons: "NamespaceTerminating". */
    readonly causes: readonly string[] = [],
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** An ApiError from a response body, which is usually a metav1.Status. */
export function apiError(method: string, path: string, status: number, body: string): ApiError {
  let message = body.slice(0, 300)
  let reason = ''
  let causes: string[] = []
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) {
      if ('message' in parsed) message = plainValue(parsed.message)
      if ('reason' in parsed) reason = plainValue(parsed.reason)
      causes = listAt(parsed, 'details', 'causes').map((cause) => textAt(cause, 'reason'))
    }
  } catch {
    // not a Status: the text as it is
  }
  return new ApiError(status, reason, redact(`${method} ${path}: ${status} ${message}`), causes)
}
