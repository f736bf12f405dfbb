import { dirname, relative, resolve } from 'node:path'
import { pageOf } from './outline.js'

/**
 * A plug-in for markdown-it: links within docs/ lead to the pages of the site, and what leads to other files of the
 * repository (tests, examples) is text, since the site does not have them.
 */
export function linksWithin(docs) {
  return (md) => {
    md.core.ruler.push('links-within', ({ tokens, env }) => {
      const directory = dirname(env.realPath ?? env.path)
      for (const { children } of tokens) {
        if (children) for (const [i, token] of children.entries()) open(children, i, token, directory)
      }
    })
  }

  function open(tokens, i, token, directory) {
    if (token.type !== 'link_open') return
    const href = token.attrGet('href') ?? ''
    if (/^(?:[a-z]+:|#)/.test(href)) return
    const [file] = href.split('#')
    if (!relative(docs, resolve(directory, file)).startsWith('..')) {
      token.attrSet('href', pageOf(href))
      return
    }
    const end = tokens.findIndex((one, at) => at > i && one.type === 'link_close')
    for (const one of [token, tokens[end]]) {
      one.type = 'text'
      one.tag = ''
      one.content = ''
    }
  }
}
