import semver from 'semver'

/** "1.20.2" from "1.20.2" or "v1.20.2"; undefined for anything else, pre-releases included. */
export function parseVersion(text: string): string | undefined {
  const parsed = semver.parse(text.replace(/^v/, ''))
  return parsed && parsed.prerelease.length === 0 && parsed.build.length === 0 ? parsed.version : undefined
}

/** "1.20" of "1.20.2". */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}
