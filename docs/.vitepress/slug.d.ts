/** The anchor of a heading, as GitHub makes it of plain words. */
export function slugOf(heading: string): string
