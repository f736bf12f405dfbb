import { masked } from '../../lib/masked.js'

/** A reference to a secret as the value of a key: it says where the secret lies. */
const reference = /([\w.-]+["']?\s*:\s*["']?)(?:(env|file):([^\s,}"']+)|(prompt)\b|(command):[^\n]*)/g

/**
 * The text of an inventory without secrets. References stay, since they tell how a login works; of a command its name
 * alone, since it may be given a secret.
 */
export function inventoryText(text: string): string {
  const kept: string[] = []
  const marked = text.replace(reference, (_, key: string, kind, where, prompt, command) => {
    kept.push(`${key}${kind ? `${kind}:${where}` : (prompt ?? `${command}:…`)}`)
    return `\u0001${kept.length - 1}\u0001`
  })
  return masked(marked).replace(/\u0001(\d+)\u0001/g, (_, n) => kept[Number(n)] ?? '')
}
