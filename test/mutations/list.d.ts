/** See list.js. */
export const mutations: readonly {
  what: string
  /** From the root of the tree. */
  file: string
  find: string
  replace: string
  tests: readonly string[]
}[]
