import { expect, it } from 'vitest'
import { type Environment, proxyFor } from '../../../src/sources/tunnel.js'

const proxy = { https_proxy: 'http://p.test:3128' }
it.each<[string, Environment, string | undefined]>([
  ['https://dl.k8s.io/x', {}, undefined],
  ['https://dl.k8s.io/x', proxy, 'http://p.test:3128/'],
  ['https://dl.k8s.io/x', { HTTPS_PROXY: 'p.test:3128' }, 'http://p.test:3128/'],
  ['https://dl.k8s.io/x', { http_proxy: 'http://p.test:3128' }, undefined],
  ['https://dl.k8s.io/x', { https_proxy: '' }, undefined],
  ['https://dl.k8s.io/x', { ...proxy, no_proxy: '*' }, undefined],
  ['https://dl.k8s.io/x', { ...proxy, no_proxy: 'a.test, dl.k8s.io' }, undefined],
  ['https://dl.k8s.io/x', { ...proxy, NO_PROXY: '.k8s.io' }, undefined],
  ['https://dl.k8s.io/x', { ...proxy, no_proxy: 'k8s.io' }, undefined],
  ['https://dl.k8s.io/x', { ...proxy, no_proxy: 'l.k8s.io' }, 'http://p.test:3128/'],
  ['https://[fd00::1]:8443/x', { ...proxy, no_proxy: 'fd00::1' }, undefined],
])('%s with %j goes through %s', (url, environment, through) => {
  expect(proxyFor(new URL(url), environment)?.href).toBe(through)
})

it('a bare % in the login of https_proxy is told without the login', () => {
  const one = { https_proxy: 'http://ops:100%hunter2@p.test' }
  expect(() => proxyFor(new URL('https://a.test'), one)).toThrow(
    /^https_proxy of the environment has a % in its login that encodes nothing: write %25 for it$/,
  )
})

it('an https_proxy that is no URL is told without its text', () => {
  expect(() => proxyFor(new URL('https://a.test'), { https_proxy: 'http://ops:hunter2@' })).toThrow(
    /^https_proxy of the environment is not a URL$/,
  )
})
