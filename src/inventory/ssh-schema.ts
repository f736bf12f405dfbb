import { z } from 'zod'
import { secretPattern } from './secret-reference.js'

const secret = z.string().regex(secretPattern)

const clusterKeys = {
  user: z
    .string()
    .min(1)
    .optional()
    .describe('Login user; root, or one with sudo. Default that of the SSH configuration, else root.'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('Port of sshd. Default that of the SSH configuration, else 22.'),
  key: z.string().min(1).optional().describe('Private key file; ~ and paths relative to this file.'),
  keys: z.array(z.string().min(1)).optional().describe('Several private key files, tried in order.'),
  identitiesOnly: z
    .boolean()
    .optional()
    .describe('Of the keys the agent holds offer only those named here. Default false.'),
  passphrase: secret
    .optional()
    .describe(
      'Of encrypted keys: env:NAME, file:PATH, command:COMMAND or prompt. Without it an encrypted key is asked for on the terminal.',
    ),
  password: secret
    .optional()
    .describe(
      'Login password, also for keyboard-interactive: env:NAME, file:PATH, command:COMMAND or prompt.',
    ),
  sudo: z
    .strictObject({
      password: secret
        .optional()
        .describe("The login user's password for sudo: env:NAME, file:PATH, command:COMMAND or prompt."),
    })
    .optional()
    .describe('How the login user becomes root. Default sudo without a password.'),
  jump: z
    .string()
    .min(1)
    .optional()
    .describe('Bastions on the way, in order: [USER@]HOST[:PORT][,…]; none for none.'),
  bastions: z
    .record(
      z.string(),
      z.strictObject({
        password: secret.optional().describe('Login password of the bastion. Default none.'),
        passphrase: secret
          .optional()
          .describe("Of encrypted keys for the bastion. Default the host's: it is shown to no machine."),
      }),
    )
    .optional()
    .describe(
      "Secrets of bastions, by the name jump (or ProxyJump) has for each: env:NAME, file:PATH, command:COMMAND or prompt. A host's password is never offered to a bastion.",
    ),
  config: z
    .union([z.literal(false), z.string().min(1)])
    .optional()
    .describe(
      'OpenSSH client configuration: a file instead of ~/.ssh/config and /etc/ssh/ssh_config, or false for none. This inventory wins over it.',
    ),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The only known_hosts file. Default INVENTORY.known_hosts beside this file (new keys go there), then ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts.',
    ),
  hostKeys: z
    .enum(['strict', 'accept-new'])
    .optional()
    .describe(
      'strict: a host key must be known. accept-new: an unknown one is remembered, a changed one refused. Default strict.',
    ),
}

/** `ssh` for all hosts. */
export const sshSchema = z.strictObject(clusterKeys).describe('How hosts are reached.')

/** `ssh` of one host, over that for all. */
export const hostSshSchema = z
  .strictObject({
    ...clusterKeys,
    host: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Name, address or alias of the SSH configuration to dial, where it is not `address`, which stays the node's.",
      ),
    hostKey: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/)
      .optional()
      .describe(
        'Fingerprint of the host key, SHA256:…, as ssh-keygen -l prints it; no other key and no known_hosts file counts.',
      ),
  })
  .describe('How this host is reached, over ssh of all hosts.')

/** What a user wrote of SSH, for all hosts or for one. */
export type SshSection = z.infer<typeof hostSshSchema>
