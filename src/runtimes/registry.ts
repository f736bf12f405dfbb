import type { Secret } from '../lib/secret.js'

/** How one server with images is reached. */
export interface RegistryServer {
  /** Scheme, host and, where it has one, port and path: "https://mirror.example.com". */
  url: string
  /** PEM of its certificate authority. */
  ca: string | undefined
  skipVerify: boolean
  auth: { username: string; password: Secret } | undefined
}

/** A registry as runtimes are told of it. */
export interface Registry {
  /** As images name it: "docker.io"; "*" for every one that is not named. */
  name: string
  /** Asked before it, in order. */
  mirrors: readonly RegistryServer[]
  /** Whether it is asked itself for what no mirror has. */
  fallback: boolean
  /** How it is reached itself. */
  own: Omit<RegistryServer, 'url'>
}
