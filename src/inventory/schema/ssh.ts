import { z } from 'zod'
import { secretPattern } from '../secret-reference.js'

const secret = z.string().regex(secretPattern)

const clusterKeys = {
  user: z
    .string()
    .min(1)
    .optional()
    .describe('Login user: root, or a user with sudo. Default: that of the SSH configuration, else root.'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('Port of sshd. Default: that of the SSH configuration, else 22.'),
  key: z.string().min(1).optional().describe('Private key file; ~ and paths relative to this file.'),
  keys: z.array(z.string().min(1)).optional().describe('Several private key files, tried in order.'),
  identitiesOnly: z
    .boolean()
    .optional()
    .describe('Offer only those agent keys that are named here. Default false.'),
  passphrase: secret
    .optional()
    .describe(
      'Passphrase of encrypted keys: env:NAME, file:PATH, command:COMMAND or prompt. Without it kubestrap asks on the terminal.',
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
    .describe('Bastions to the host, in order: [USER@]HOST[:PORT][,…]; none for no bastion.'),
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
      'OpenSSH client configuration: a file instead of ~/.ssh/config and /etc/ssh/ssh_config, or false for none. The inventory takes precedence.',
    ),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The only known_hosts file. Default: INVENTORY.known_hosts beside this file (new keys are added there), then ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts.',
    ),
  hostKeys: z
    .enum(['strict', 'accept-new'])
    .optional()
    .describe(
      'strict: the host key must be known. accept-new: an unknown host key is added to known_hosts, a changed one is refused. Default strict.',
    ),
  peerTransfer: z
    .boolean()
    .optional()
    .describe(
      'Whether a host fetches large files from other hosts, and gives them on, when ten or more hosts receive them: over SSH between their addresses, by a key in authorized_keys of the login user that can only read the file and is removed again. false: everything is sent from this computer. Default true.',
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
        "Name, address or alias of the SSH configuration to connect to, if not `address`, which remains the node's address.",
      ),
    hostKey: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/)
      .optional()
      .describe(
        'Fingerprint of the host key, SHA256:…, as ssh-keygen -l prints it; no other key and no known_hosts file is accepted.',
      ),
  })
  .describe('How this host is reached; takes precedence over ssh of all hosts.')

/** What a user wrote of SSH, for all hosts or for one. */
export type SshSection = z.infer<typeof hostSshSchema>
