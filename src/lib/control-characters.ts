/**
 * Characters that no name, path or flag has and that mean something to whoever reads it next: C0 (a line feed adds a
 * line to a unit, a manifest, a ledger), DEL, C1, the separators of lines and paragraphs, marks that turn the
 * direction of writing (what is shown is then not what is done), and halves of surrogate pairs.
 */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]|\p{Surrogate}/u

/** The first control character of a text, for people: "a line feed (U+000A)"; undefined when there is none. */
export function controlCharacter(text: string): string | undefined {
  const found = controls.exec(text)?.[0]
  const code = found?.codePointAt(0)
  if (code === undefined) return undefined
  const name = names[code] ?? 'a control character'
  return `${name} (U+${code.toString(16).toUpperCase().padStart(4, '0')})`
}

const names: Readonly<Record<number, string>> = {
  0: 'a NUL',
  9: 'a tab',
  10: 'a line feed',
  13: 'a carriage return',
  27: 'an escape',
}
