import { isDnsName } from './dns-name.js'
import type { Grammar } from './grammar.js'

/** Path components, tag and digest of an image (github.com/distribution/reference, regexp.go). */
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

/** A registry as images name it: a host, perhaps with a port. Lower case, as runtimes compare it. */
export function isRegistryName(text: string): boolean {
  const [, host = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? []
  return isDnsName(host) && (port === undefined || (Number(port) >= 1 && Number(port) <= 65535))
}

/** What stands before the first slash is a registry when it looks like one; else the image is of Docker Hub. */
function isRepository(text: string): boolean {
  const [first = '', ...rest] = text.split('/')
  const registry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (registry && !isRegistryName(first)) return false
  return text.length <= 255 && (registry ? rest : [first, ...rest]).every((part) => component.test(part))
}

function isReference(text: string): boolean {
  const [named = '', digest, ...more] = text.split('@')
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return false
  const [, repository = '', tag] = /^(.*?)(?::([^/:]*))?$/.exec(named) ?? []
  return isRepository(repository) && (tag === undefined || tagPattern.test(tag))
}

/** "registry.example.com:5000/kubernetes": what images are named below. */
export const imageRepository: Grammar = {
  is: 'a repository of images',
  accepts: (text) => isRepository(text) || isRegistryName(text),
  write: 'a registry and a path without scheme and tag, such as registry.example.com:5000/kubernetes',
}

/** "registry.example.com/busybox:1.36", with a tag, a digest, both or none. */
export const imageReference: Grammar = {
  is: 'an image',
  accepts: isReference,
  write: 'registry, path and tag without scheme, such as registry.example.com/busybox:1.36',
}

export const imageTag: Grammar = {
  is: "an image's tag",
  accepts: (text) => tagPattern.test(text),
  write: 'letters, digits, ".", "_" and "-", at most 128, such as 3.5.16-0',
}

export const registryName: Grammar = {
  is: 'the name of a registry',
  accepts: isRegistryName,
  write: 'a host as images name it, without scheme and path: registry.example.com:5000',
}
