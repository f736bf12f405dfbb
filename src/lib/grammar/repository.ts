import { pattern } from './grammar.js'

/** What files of a repository are called by, on hosts of every system. */
export const repositoryName = pattern(
  'the name of a repository',
  /^[a-z0-9][a-z0-9-]*$/,
  'use lower-case letters, digits and dashes: docker',
  50,
)

/** It stands alone in a line of apt's and dnf's files. */
export const repositoryUrl = pattern(
  'the URL of a repository',
  /^https?:\/\/[A-Za-z0-9[][A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]*$/,
  'use a URL of https or http: https://download.example.com/linux/debian',
  2000,
)

/** Words of apt's files. */
export const repositoryWord = pattern(
  'the name of a suite or a component',
  /^[A-Za-z0-9./][A-Za-z0-9._/+~-]*$/,
  'use one word of letters, digits, ".", "_", "/", "+", "~" and "-": bookworm',
)
