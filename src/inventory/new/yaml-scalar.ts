/** Words that YAML 1.1 or 1.2 reads as something else than a text. */
const resolved = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** Begins with a letter, or is a path, or has three dots: no reader takes it for a number. */
const plain = /^(?:[A-Za-z]|~\/|\.{0,2}\/|(?:\d{1,3}\.){3}\d{1,3}(?:\/\d+)?$)[A-Za-z0-9._@/-]*$/

/** A text as a YAML scalar that every reader takes for this text, quoted where it must be. */
export function yamlScalar(text: string): string {
  return plain.test(text) && !resolved.test(text) ? text : JSON.stringify(text)
}

/** Words of others as they may stand in a comment: one line of printable ASCII, at most `longest` characters. */
export function yamlComment(text: string, longest = 60): string {
  const clean = text.replace(/[^ -~]+/g, '?').trim()
  return clean.length > longest ? `${clean.slice(0, longest - 3)}...` : clean
}
