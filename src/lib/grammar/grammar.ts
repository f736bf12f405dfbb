/** A form that another program demands of a text: a name, a path, a reference. */
export interface Grammar {
  /** What a text of this form is: "the name of a network interface". */
  is: string
  accepts(text: string): boolean
  /** What to write instead of a text that is none. */
  write: string | ((text: string) => string)
}

/** A grammar of one regular expression, anchored by the caller. */
export function pattern(is: string, expression: RegExp, write: Grammar['write'], maxLength = 255): Grammar {
  return { is, write, accepts: (text) => text.length <= maxLength && expression.test(text) }
}
