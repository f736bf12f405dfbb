/**
 * `make`, called once for each object: for what is the same for all hosts of a run, and is asked for by each. The
 * object must not change.
 */
export function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { value: Value }>()
  return (key) => {
    const there = made.get(key)
    if (there) return there.value
    const value = make(key)
    made.set(key, { value })
    return value
  }
}
