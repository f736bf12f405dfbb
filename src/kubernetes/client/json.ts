import { BadAnswer } from './bad-answer.js'

/** An object as the API server returns it. */
export type Json = Readonly<Record<string, unknown>>

/** A value of an answer that must be an object. Throws BadAnswer. */
export function mustBeObject(asked: string, value: unknown, host: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadAnswer(asked, 'it is not a JSON object', host)
  return { ...value }
}
