import { plainValue } from '../../lib/plain-value.js'
import { redact } from '../../lib/secret.js'

/** The API server answered, and the answer is no: its own words (Status.message) and code. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** An ApiError from a response body, which is usually a metav1.Status. */
export function apiError(method: string, path: string, status: number, body: string): ApiError {
  let message = body.slice(0, 300)
  let reason = ''
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) {
      if ('message' in parsed) message = plainValue(parsed.message)
      if ('reason' in parsed) reason = plainValue(parsed.reason)
    }
  } catch {
    // not a Status: the text as it is
  }
  return new ApiError(status, reason, redact(`${method} ${path}: ${status} ${message}`))
}
