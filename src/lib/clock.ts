/** What waiting takes of the outside world. */
export interface Clock {
  now(): Date
  sleep(ms: number): Promise<void>
}
