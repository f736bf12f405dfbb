import { expect } from 'vitest'

/** What a program answered: its exit code, and all that it printed. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Expects a program to have ended with a code. A failure tells what the program printed, which is often the only
 * trace of a fault that a run of hours meets once.
 */
export function expectCode(ended: Ended, code: number): void {
  expect(ended.code, `${ended.stderr}\n${ended.stdout.slice(-4000)}`.trim()).toBe(code)
}
