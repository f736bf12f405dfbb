import type { EventType, State } from 'js-yaml'

/** A value of a YAML text and where it begins. */
export class YamlNode {
  readonly children: YamlNode[] = []
  kind: string | null = null
  result: unknown

  constructor(
    /** Offset of its first character. */
    public start: number,
  ) {}

  /** The entry of a mapping, or the item of a sequence. */
  entry(part: PropertyKey): { key?: YamlNode; value?: YamlNode } | undefined {
    if (this.kind === 'sequence') {
      const value = this.children[Number(part)]
      return value ? { value } : undefined
    }
    if (this.kind !== 'mapping') return undefined
    // keys and values come in turn
    for (let i = 0; i < this.children.length; i += 2) {
      const key = this.children[i]
      const value = this.children[i + 1]
      if (key && String(key.result) === String(part)) return { key, ...(value ? { value } : {}) }
    }
    return undefined
  }
}

/**
 * Listens to js-yaml 4's composer and rebuilds the tree it throws away. A value that may be the
 * first key of a block mapping is composed twice, one inside the other: the outer shell is dropped.
 */
export function yamlTree(text: string): {
  listener(this: State, event: EventType, state: State): void
  root(): YamlNode | undefined
} {
  const stack: YamlNode[] = []
  let root: YamlNode | undefined
  return {
    listener(event, state) {
      if (event === 'open') {
        stack.push(new YamlNode(state.position))
        return
      }
      const node = stack.pop()
      if (!node) return
      node.kind = state.kind
      node.result = state.result
      node.start = contentStart(text, node.start)
      const [only] = node.children
      const shell =
        node.children.length === 1 && only && only.kind === node.kind && only.result === node.result
      const kept = shell ? only : node
      const parent = stack.at(-1)
      if (parent) parent.children.push(kept)
      else root = kept
    },
    root: () => root,
  }
}

/** From where the composer stood to the first character of the value: over blanks, line feeds and comments. */
function contentStart(text: string, from: number): number {
  let at = from
  for (;;) {
    while (at < text.length && /[\s]/.test(text.charAt(at))) at += 1
    if (text.charAt(at) !== '#') break
    while (at < text.length && text.charAt(at) !== '\n') at += 1
  }
  return at >= text.length ? from : at
}
