import { isRegistryName, registryName } from '../lib/grammar/image.js'
import { ownValue } from '../lib/own-value.js'
import { defaults } from './defaults.js'
import type { Known } from './known.js'
import type { Inventory } from './schema.js'
import type { Found } from './shape-problems.js'

type Registry = NonNullable<Inventory['registries']>[string]

/** Names people take for Docker Hub's; images of it begin with docker.io. */
const hubNames = ['registry-1.docker.io', 'index.docker.io', 'hub.docker.com']

/** What a well-formed `registries` may still get wrong, and what the runtime cannot do of it. */
export function registryProblems({ registries = {}, runtime }: Inventory, known: Known): Found[] {
  const chosen = runtime ?? defaults.runtime
  const mirrorsFor = known.mirrorsFor(chosen)
  return Object.entries(registries).flatMap(([name, registry]) => [
    ...nameProblems(name, registry),
    ...mirrorProblems(name, registry, registries),
    ...trustProblems(name, registry),
    ...(mirrorsFor === 'docker.io' ? [] : hubLoginProblems(name, registry)),
    ...(mirrorsFor === 'docker.io' ? hubOnlyProblems(chosen, name, registry) : []),
  ])
}

function nameProblems(name: string, registry: Registry): Found[] {
  const path = ['registries', name]
  const found: Found[] = []
  if (hubNames.includes(name) && registry.mirrors)
    found.push({ path, key: true, what: `no image is of ${name}`, write: 'docker.io, as images of it begin' })
  else if (name !== '*' && !isRegistryName(name))
    found.push({
      path,
      key: true,
      what: `"${name}" is not ${registryName.is}`,
      write: `${registryName.write}; or "*"`,
    })
  if (Object.values(registry).every((value) => value === undefined))
    found.push({ path, key: true, what: `nothing is said of ${name}`, write: 'mirrors: [https://…]' })
  if (registry.fallback === false && (registry.mirrors ?? []).length === 0)
    found.push({
      path: [...path, 'fallback'],
      what: `${name} is not to be asked, and has no mirror`,
      write: 'mirrors: [https://…] too',
    })
  if (name === '*')
    for (const key of ['caFile', 'skipVerify', 'auth'] as const)
      if (registry[key] !== undefined)
        found.push({
          path: [...path, key],
          key: true,
          what: `${key} belongs to one registry`,
          write: `give it to the registry or mirror by its name`,
        })
  return found
}

function mirrorProblems(
  name: string,
  { mirrors = [] }: Registry,
  registries: Readonly<Record<string, Registry>>,
): Found[] {
  return mirrors.flatMap((text, i): Found[] => {
    const path = ['registries', name, 'mirrors', i]
    const url = mirrorUrl(text)
    if (!url)
      return [
        {
          path,
          // it may hold a password
          what: text.includes('@') ? 'a mirror’s URL has no user in it' : `"${text}" is not a mirror's URL`,
          write: text.includes('@')
            ? 'registries: { its name: { auth: { username: …, password: env:NAME } } }'
            : 'https://mirror.example.com, with a port or path where it has one',
        },
      ]
    if (mirrors.indexOf(text) !== i)
      return [{ path, what: `${text} stands here twice`, write: 'take one away' }]
    const own = ownValue(registries, url.host)
    if (url.protocol === 'http:' && own?.auth)
      return [
        {
          path,
          what: `the password for ${url.host} would travel in the clear`,
          write: `https://${url.host}`,
        },
      ]
    if (own || url.protocol === 'http:') return []
    const close = Object.keys(registries).find((other) => other !== name && hostname(other) === url.hostname)
    return close
      ? [
          {
            path,
            what: `${url.host} is said nothing of, but ${close} is`,
            write: `the same port in both: https://${close}`,
          },
        ]
      : []
  })
}

function trustProblems(name: string, { caFile, skipVerify }: Registry): Found[] {
  return caFile !== undefined && skipVerify
    ? [
        {
          path: ['registries', name, 'skipVerify'],
          what: `with skipVerify the caFile of ${name} counts for nothing`,
          write: 'leave skipVerify out',
        },
      ]
    : []
}

/** Docker Hub hands out tokens and takes no other login; containerd sends what hosts.toml says, and is let in as nobody. */
function hubLoginProblems(name: string, { auth }: Registry): Found[] {
  if (!auth || !['docker.io', ...hubNames].includes(name)) return []
  return [
    {
      path: ['registries', name, 'auth'],
      key: true,
      what: 'Docker Hub takes no login that containerd could be given here',
      write: 'imagePullSecrets of the pods, or a mirror with a login of its own',
    },
  ]
}

/** Docker's daemon has mirrors for Docker Hub alone, and no logins for them. */
function hubOnlyProblems(runtime: string, name: string, { mirrors, fallback, auth }: Registry): Found[] {
  const path = ['registries', name]
  const instead = 'runtime: containerd'
  const found: Found[] = []
  if (mirrors && name !== 'docker.io')
    found.push({
      path: [...path, 'mirrors'],
      key: true,
      what: `${runtime} has mirrors for docker.io alone`,
      write: `${instead} has them for every registry; or name the mirror in the images (kubernetes.imageRepository)`,
    })
  if (fallback === false)
    found.push({
      path: [...path, 'fallback'],
      key: true,
      what: `${runtime} always asks the registry when no mirror has an image`,
      write: `leave it out, or ${instead}`,
    })
  if (auth)
    found.push({
      path: [...path, 'auth'],
      key: true,
      what: `${runtime} logs in to no mirror`,
      write: `${instead}, or imagePullSecrets for a registry of your own`,
    })
  for (const [i, text] of (mirrors ?? []).entries())
    if ((mirrorUrl(text)?.pathname ?? '/') !== '/')
      found.push({
        path: [...path, 'mirrors', i],
        what: `${runtime} takes no path in a mirror's URL`,
        write: `a mirror at the root of a host, or ${instead}`,
      })
  return found
}

const hostname = (registry: string): string => registry.replace(/:\d+$/, '')

/** A mirror's URL in parts; undefined for what is none. */
export function mirrorUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return plain && ['http:', 'https:'].includes(url.protocol) && url.host !== '' ? url : undefined
}
