/**
 * Something that often goes wrong, as data: how it shows, why it is so, what to do. Pages of the documentation
 * (docs/causes) and `kubestrap explain` are made of it.
 */
export interface Cause {
  /** What its fixtures are named after. */
  id: string
  /**
   * KSnnnn, a promise to scripts and search engines: never given to another cause, not even when the cause is gone. The
   * first two digits are the area (areas.ts), the others count.
   */
  code: string
  /** Any of these, in one line of what was said. */
  patterns: readonly RegExp[]
  /** Lines that look like it and are something else. */
  unless?: RegExp
  /** It fits beside more exact causes, and says only where to look. */
  general?: true
  /** One line of a failure. `{1}` stands for what the pattern's first group caught. */
  cause: string
  /** What to do, on one line. */
  next: string
  /** The heading of its page. */
  title: string
  /** What is wrong, and how it shows. */
  what: string
  /** How it comes about. */
  why: string
  /** What to do, a step each. */
  fix: readonly string[]
}
