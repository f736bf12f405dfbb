/** Sections of an index page, each with its links. */
export function outlineOf(text: string): { text: string; items: { text: string; link: string }[] }[]
/** The page of the site for a file of docs/. */
export function pageOf(file: string): string
