import { expect, test } from 'vitest'
import { urlHost } from '../../../src/lib/url-host.js'

test.each([
  ['https://10.0.0.31:2380', '10.0.0.31'],
  ['https://[fd00::7]:2380', 'fd00::7'],
  ['https://etcd1.example.com', 'etcd1.example.com'],
  ['10.0.0.31', '10.0.0.31'],
])('the host of %s is %s', (url, host) => {
  expect(urlHost(url)).toBe(host)
})
