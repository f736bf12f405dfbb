/** What a registry wants before it answers (RFC 9110, 11.6.1; distribution.github.io/distribution/spec/auth/token). */
export type Challenge =
  | { kind: 'basic' }
  | { kind: 'bearer'; realm: string; service: string | undefined; scope: string | undefined }

/** Reads a WWW-Authenticate header; undefined where it asks for nothing that is known. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/i.exec(header ?? '')?.[1]
  if (bearer !== undefined) {
    const found = new Map(
      [...bearer.matchAll(/([a-z]+)\s*=\s*(?:"([^"]*)"|([^",\s]+))/gi)].map(
        ([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? ''] as const,
      ),
    )
    const realm = found.get('realm')
    if (realm !== undefined && URL.canParse(realm))
      return { kind: 'bearer', realm, service: found.get('service'), scope: found.get('scope') }
  }
  return /(?:^|,)\s*Basic\b/i.test(header ?? '') ? { kind: 'basic' } : undefined
}
