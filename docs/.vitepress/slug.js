/** The anchor of a heading, as GitHub makes it of plain words: one link serves there and on the site. */
export const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-')
