import type { Page } from './pages.js'

/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence: "yaml". */
  language: string
  /** "docs/plan.md:12", of its first line of content. */
  at: string
  lines: readonly string[]
}

/** A page's fenced blocks, and its other lines with their numbers from 1. */
export function blocksOf({ path, text }: Page): { blocks: Block[]; prose: { at: string; line: string }[] } {
  const blocks: Block[] = []
  const prose: { at: string; line: string }[] = []
  let open: { language: string; at: string; lines: string[]; indent: string } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^(\s*)```(\w*)/.exec(line)
    if (open && fence) {
      blocks.push(open)
      open = undefined
    } else if (open) open.lines.push(line.slice(open.indent.length))
    else if (fence) {
      const [, indent = '', language = ''] = fence
      open = { language, at: `${path}:${i + 2}`, lines: [], indent }
    } else prose.push({ at: `${path}:${i + 1}`, line })
  }
  if (open) throw new Error(`${open.at}: the block has no end`)
  return { blocks, prose }
}
