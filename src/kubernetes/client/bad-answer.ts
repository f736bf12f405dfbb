import { messageOf, NoAnswer } from '../../lib/errors.js'
import type { Answer } from './http.js'

/**
 * The other side answered, and what it said is not what its API says: endless, no JSON, a number that is none. That
 * is its fault, never a bug in kubestrap.
 */
export class BadAnswer extends NoAnswer {
  /**
   * @param asked what was asked: "GET /api/v1/nodes"
   * @param host whose answer it is: a host of the inventory, or an address
   */
  constructor(asked: string, why: string, host: string) {
    super(`cannot use the answer to ${asked}`, {
      why,
      host,
      next: 'find out what answers there in place of the API',
    })
    this.name = 'BadAnswer'
  }
}

/** An answer's body as JSON. Throws BadAnswer. */
export function jsonOf(asked: string, { body, host }: Pick<Answer, 'body' | 'host'>): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new BadAnswer(asked, `${messageOf(error)}: ${body.slice(0, 200)}`, host)
  }
}
