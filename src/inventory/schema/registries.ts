import { z } from 'zod'
import { secretPattern } from '../secret-reference.js'
import { record } from './record.js'

/** `registries`: by the name images have before their first slash. */
export const registriesSchema = record(
  z.strictObject({
    mirrors: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'URLs that are asked before the registry, in order: https://mirror.example.com; a path below /v2/ is used unchanged.',
      ),
    fallback: z
      .boolean()
      .optional()
      .describe('Whether the registry is asked for images that no mirror has. Default true.'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('CA certificate of the registry: a local PEM file; ~ and paths relative to this file.'),
    skipVerify: z
      .boolean()
      .optional()
      .describe('Do not verify the certificate of the registry. Default false.'),
    auth: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .regex(/^[^:\n]+$/)
          .describe('Name of the login.'),
        password: z.string().regex(secretPattern).describe('env:NAME, file:PATH, command:COMMAND or prompt.'),
      })
      .optional()
      .describe('Login of the nodes, over HTTPS (Basic).'),
  }),
).describe(
  'Registries by name (docker.io, registry.example.com:5000; "*": every one that is not named): mirrors, and how the registry or a mirror of that name is reached.',
)
