import { pkiDirectory } from '../../kubernetes/manifests/paths.js'

export const etcdPkiDirectory = `${pkiDirectory}/etcd`

export const certificatePath = (file: string): string => `${pkiDirectory}/${file}.crt`
export const keyPath = (file: string): string => `${pkiDirectory}/${file}.key`

/** Base files of the authorities, below the PKI directory. */
export const authorityFiles = { kubernetes: 'ca', frontProxy: 'front-proxy-ca', etcd: 'etcd/ca' } as const

export type AuthorityName = keyof typeof authorityFiles

/** The certificate of ca.key by itself, where ca.crt has others beside it. */
export const signingFile = 'ca-signing'
