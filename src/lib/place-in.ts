/** Where a number belongs among numbers in ascending order: after those that are the same. */
export function placeIn(numbers: readonly number[], one: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? one) <= one) low = middle + 1
    else high = middle
  }
  return low
}
