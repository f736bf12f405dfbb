// The index of the documentation as the sidebar of the site: one list of pages, which docs/README.md has.

/** Sections and links of an index page: `## Section` and `- [Title](page.md)`. */
export function outlineOf(text) {
  const sections = []
  for (const line of text.split('\n')) {
    const [, heading] = /^## (.+)/.exec(line) ?? []
    const [, title, target] = /^- \[([^\]]+)\]\(([^)]+)\)/.exec(line) ?? []
    if (heading !== undefined) sections.push({ text: heading, items: [] })
    else if (title !== undefined) sections.at(-1)?.items.push({ text: title, link: `/${pageOf(target)}` })
  }
  return sections.filter(({ items }) => items.length > 0)
}

/** The page of the site for a file of docs/: a README.md is the index of its folder. */
export const pageOf = (file) => file.replace(/(^|\/)README\.md/, '$1index.md')
