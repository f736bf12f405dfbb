import { expect, it } from 'vitest'
import { Turns } from '../../../src/lib/turns.js'

/** Work that ends when it is told to. */
function work() {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const piece = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
  }
  return { begun, piece, end: (name: string) => ends.get(name)?.() }
}
const later = () => new Promise((resolve) => setImmediate(resolve))

it('so many go on at once, and the next begins when one has ended', async () => {
  const turns = new Turns(2)
  const { begun, piece, end } = work()
  const all = ['a', 'b', 'c', 'd'].map((name) => turns.take(piece(name)))
  await later()
  expect(begun).toEqual(['a', 'b'])
  end('b')
  await later()
  expect(begun).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await later()
  end('d')
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
})

it('one that fails gives its place to the next', async () => {
  const turns = new Turns(1)
  const failing = turns.take(() => Promise.reject(new Error('no')))
  const next = turns.take(async () => 'done')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('done')
  expect(await turns.take(async () => 'again')).toBe('again')
})

it('once stopped nothing more begins, and what goes on ends by itself', async () => {
  const turns = new Turns(1)
  const { begun, piece, end } = work()
  const first = turns.take(piece('first'))
  const waiting = turns.take(piece('waiting'))
  turns.stop(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
  await expect(turns.take(piece('late'))).rejects.toThrow('interrupted')
  end('first')
  expect(await first).toBe('first')
  expect(begun).toEqual(['first'])
})

it('one owner does not take the turns of all', async () => {
  const turns = new Turns(3, 2)
  const { begun, piece, end } = work()
  const all = ['a1', 'a2', 'a3', 'b1', 'b2'].map((name) => turns.take(piece(name), name[0]))
  await later()
  expect(begun).toEqual(['a1', 'a2', 'b1'])
  end('b1')
  await later()
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2'])
  end('a1')
  await later()
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'a3'])
  for (const name of ['a2', 'a3', 'b2']) end(name)
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
})
