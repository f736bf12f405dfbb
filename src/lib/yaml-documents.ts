/**
 * The documents of a YAML text, each with the lines before it left empty, so that places in it are places
 * in the text. A line of `---`, or one that begins so before a blank, is a mark wherever it stands (YAML
 * 1.2.2, 9.1.2); `...` ends one. Documents with nothing in them are left out, unless there is no other.
 */
export function yamlDocuments(text: string): string[] {
  const documents: string[] = []
  let from = 0
  const add = (to: number): void => {
    const own = text.slice(from, to)
    if (/^(?!\s*(#|(---|\.\.\.)\s*(#.*)?$|$)).*\S/m.test(own))
      documents.push(text.slice(0, from).replace(/[^\n]/g, '') + own)
  }
  for (const { index, 0: mark } of text.matchAll(/^(---|\.\.\.)(?=\s|$).*$/gm)) {
    // directives belong to the mark behind them
    if (mark.startsWith('---') && /^%/m.test(text.slice(from, index))) continue
    add(index)
    from = mark.startsWith('...') ? index + mark.length : index
  }
  add(text.length)
  return documents.length > 0 ? documents : [text]
}
