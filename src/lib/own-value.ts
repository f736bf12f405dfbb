/**
 * What a record holds under a key that a user chose. `record[key]` also finds what every object has from its
 * prototype: a group called toString would be a function.
 */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
