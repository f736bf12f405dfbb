import type { EventType, State } from 'js-yaml'

/** A value of a YAML text and where it begins. */
export class YamlNode {
  readonly children: YamlNode[] = []
  kind: string | null = null
  result: unknown

  #entries: Map<string, { key?: YamlNode; value?: YamlNode }> | undefined

  constructor(
    /** Offset of its first character. */
    public start: number,
  ) {}

  /**
   * The entry of a mapping, or the item of a sequence. The composer says nothing of some empty values
   * (`-` alone, the `a` of `{a, b: 1}`), so children are told apart by what became of them.
   */
  entry(part: PropertyKey): { key?: YamlNode; value?: YamlNode } | undefined {
    if (this.kind === 'sequence') return this.#item(Number(part))
    if (this.kind !== 'mapping') return undefined
    // asked when the text has been read: the children no longer change
    this.#entries ??= this.#pairs()
    return this.#entries.get(String(part))
  }

  #pairs(): Map<string, { key?: YamlNode; value?: YamlNode }> {
    const pairs = new Map<string, { key?: YamlNode; value?: YamlNode }>()
    for (let i = 0; i < this.children.length; ) {
      const key = this.children[i]
      const next = this.children[i + 1]
      const name = String(key?.result)
      const value = next && Object.is(next.result, member(this.result, name)) ? next : undefined
      if (key && !pairs.has(name)) pairs.set(name, { key, ...(value ? { value } : {}) })
      i += value ? 2 : 1
    }
    return pairs
  }

  #item(index: number): { value: YamlNode } | undefined {
    const items: readonly unknown[] = Array.isArray(this.result) ? this.result : []
    let child = 0
    for (const [i, item] of items.entries()) {
      const value = this.children[child]
      const its = value !== undefined && Object.is(value.result, item)
      if (i === index) return its ? { value } : undefined
      if (its) child += 1
    }
    return undefined
  }
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Object.getOwnPropertyDescriptor(of, name)?.value : undefined
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
      // no kind and no value: nothing is written there, and what follows is somebody else's
      const empty = state.kind === null && state.result === null
      if (!empty) node.start = contentStart(text, node.start)
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
