import type { Writable } from 'node:stream'
import { redact, redactedJson, type Secret } from '../lib/secret.js'
import { visible, visibleJson, visibleLine } from '../lib/visible.js'

/**
 * The only way from kubestrap to standard output and standard error (test/unit/tree/sinks): without secrets, and
 * without what a terminal would obey. Words of hosts, of the API and of programs come by here with our own.
 */

/** `text` as it may be shown: secrets masked, control characters written out. */
export function shown(text: string): string {
  return visible(redact(text))
}

/** The same on one line, for what is drawn line by line. */
export function shownLine(text: string): string {
  return visibleLine(redact(text))
}

/** A value as JSON on one line, or indented by `space`: the same value, its secrets masked. */
export function shownJson(value: unknown, space?: number): string {
  return visibleJson(redactedJson(value, space))
}

/** Writes text to a stream as it may be shown. */
export function write(out: Writable, text: string): void {
  out.write(shown(text))
}

/** Prints text to standard output. */
export function print(text: string): void {
  write(process.stdout, text)
}

/** Prints text to standard error. */
export function tell(text: string): void {
  write(process.stderr, text)
}

/** Writes a value as JSON and a line feed. Not by `write`: a secret that looks like JSON would break what stands between texts. */
export function writeJson(out: Writable, value: unknown, space?: number): void {
  out.write(`${shownJson(value, space)}\n`)
}

/** Prints a value to standard output as JSON and a line feed. */
export function printJson(value: unknown, space?: number): void {
  writeJson(process.stdout, value, space)
}

/** Prints a secret that was asked for to standard output, with a line feed where it has none. */
export function printSecret(secret: Secret): void {
  const text = visible(secret.reveal())
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/**
 * Passes on what a command on a host wrote, as ssh does: unchanged into a pipe or file, which may want its bytes. On a
 * terminal its control characters are written out.
 */
export function passOn(out: Writable & { isTTY?: boolean }, text: string): void {
  out.write(out.isTTY ? visible(text) : text)
}
