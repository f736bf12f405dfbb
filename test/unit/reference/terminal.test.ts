import { expect, it } from 'vitest'
import { recorded, terminal } from '../../support/reference/terminal.js'

const page = (text: string) => ({ path: 'docs/a.md', text })

it('a recording is what stands between the marks of its name', () => {
  const text =
    '<!-- picture: up -->\n```console\n$ kubestrap up\n\nDone\n```\n<!-- /picture -->\n<!-- picture: other -->\n```console\nno\n```\n<!-- /picture -->\n'
  expect(recorded(page(text), 'up')).toEqual(['$ kubestrap up', '', 'Done'])
})

it('a recording that is not there is told with its page', () => {
  expect(() => recorded(page('nothing'), 'up')).toThrow('docs/a.md has no recording "up"')
})

it('the picture has every line at its place, as it was recorded', () => {
  const svg = terminal(['$ kubestrap up', '', '[  1.3s] a <b> & c', 'cp1   Ready'], 'A & B')
  const rows = [...svg.matchAll(/<text x="16" y="(\d+)">(.*)<\/text>/g)].map(([, y, words = '']) => [
    Number(y),
    words.replace(/<[^>]+>/g, ''),
  ])
  // a browser makes one blank of several
  expect(rows.flat().join('')).not.toContain(' ')
  expect(rows.map(([y, words]) => [y, String(words).replaceAll('\u00a0', ' ')])).toEqual([
    [28, '$ kubestrap up'],
    [62, '[  1.3s] a &lt;b&gt; &amp; c'],
    [79, 'cp1   Ready'],
  ])
  expect(svg).toContain('<title>A &amp; B</title>')
  expect(svg).toContain('width="166" height="100"')
})
