import { isRegistryName, registryName } from '../lib/grammar/image.js'
import { ownValue } from '../lib/own-value.js'
import type { Known } from './known.js'
import { chosenRuntime } from './runtime-choice.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

type Registry = NonNullable<Inventory['registries']>[string]

/** Names people take for Docker Hub's; images of it begin with docker.io. */
const hubNames = ['registry-1.docker.io', 'index.docker.io', 'hub.docker.com']

/** What a well-formed `registries` may still get wrong, and what the runtime cannot do of it. */
export function registryProblems(inventory: Inventory, known: Known): Found[] {
  const { registries = {} } = inventory
  const chosen = chosenRuntime(inventory, known)
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
    found.push({
      path,
      key: true,
      what: `no image reference begins with ${name}`,
      write: 'use docker.io, with which references of its images begin',
    })
  else if (name !== '*' && !isRegistryName(name))
    found.push({
      path,
      key: true,
      what: `"${name}" is not ${registryName.is}`,
      write: `${registryName.write}; or "*"`,
    })
  if (Object.values(registry).every((value) => value === undefined))
    found.push({ path, key: true, what: `${name} has no settings`, write: 'add mirrors: [https://…]' })
  if (registry.fallback === false && (registry.mirrors ?? []).length === 0)
    found.push({
      path: [...path, 'fallback'],
      what: `fallback to ${name} is off, and it has no mirror`,
      write: 'add mirrors: [https://…]',
    })
  if (name === '*')
    for (const key of ['caFile', 'skipVerify', 'auth'] as const)
      if (registry[key] !== undefined)
        found.push({
          path: [...path, key],
          key: true,
          what: `${key} applies to a single registry`,
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
          what: text.includes('@')
            ? 'the URL of a mirror must not contain a user'
            : `"${text}" is not the URL of a mirror`,
          write: text.includes('@')
            ? 'use registries: { NAME: { auth: { username: …, password: env:NAME } } }'
            : 'use https://mirror.example.com, with port and path if needed',
        },
      ]
    if (mirrors.indexOf(text) !== i) return [{ path, what: `${text} is listed twice`, write: 'remove one' }]
    const own = ownValue(registries, url.host)
    if (url.protocol === 'http:' && own?.auth)
      return [
        {
          path,
          what: `the password for ${url.host} would be sent unencrypted`,
          write: `https://${url.host}`,
        },
      ]
    if (own || url.protocol === 'http:') return []
    const close = Object.keys(registries).find((other) => other !== name && hostname(other) === url.hostname)
    return close
      ? [
          {
            path,
            what: `${url.host} has no settings, but ${close} has`,
            write: `use the same port in both: https://${close}`,
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
          what: `with skipVerify the caFile of ${name} has no effect`,
          write: 'remove skipVerify',
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
      what: 'containerd cannot log in to Docker Hub through this setting',
      write: 'use imagePullSecrets of the Pods, or a mirror with its own login',
    },
  ]
}

/** Docker's daemon has mirrors for Docker Hub alone, and no logins for them. */
function hubOnlyProblems(runtime: string, name: string, { mirrors, fallback, auth }: Registry): Found[] {
  const path = ['registries', name]
  const instead = 'use runtime: containerd'
  const found: Found[] = []
  if (mirrors && name !== 'docker.io')
    found.push({
      path: [...path, 'mirrors'],
      key: true,
      what: `${runtime} supports mirrors for docker.io only`,
      write: `${instead}, which supports them for every registry; or name the mirror in the images (kubernetes.imageRepository)`,
    })
  if (fallback === false)
    found.push({
      path: [...path, 'fallback'],
      key: true,
      what: `${runtime} always falls back to the registry when no mirror has an image`,
      write: `remove it, or ${instead}`,
    })
  if (auth)
    found.push({
      path: [...path, 'auth'],
      key: true,
      what: `${runtime} does not log in to mirrors`,
      write: `${instead}, or imagePullSecrets for your own registry`,
    })
  for (const [i, text] of (mirrors ?? []).entries())
    if ((mirrorUrl(text)?.pathname ?? '/') !== '/')
      found.push({
        path: [...path, 'mirrors', i],
        what: `${runtime} does not support a path in the URL of a mirror`,
        write: `use a mirror at the root of a host, or ${instead}`,
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
