import { z } from 'zod'
import { record } from './record.js'
import { secretPattern } from './secret-reference.js'

/** `registries`: by the name images have before their first slash. */
export const registriesSchema = record(
  z.strictObject({
    mirrors: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'URLs asked before it, in order: https://mirror.example.com; a path below /v2/ is taken as it is.',
      ),
    fallback: z
      .boolean()
      .optional()
      .describe('Whether the registry itself is asked for what no mirror has. Default true.'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('Its certificate authority, PEM, on this side; ~ and paths relative to this file.'),
    skipVerify: z.boolean().optional().describe('Its certificate is not looked at. Default false.'),
    auth: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .regex(/^[^:\n]+$/),
        password: z.string().regex(secretPattern).describe('env:NAME, file:PATH, command:COMMAND or prompt.'),
      })
      .optional()
      .describe('Who nodes log in as, over HTTPS (Basic).'),
  }),
).describe(
  'Registries by name (docker.io, registry.example.com:5000; "*": every other one): their mirrors, and how they or mirrors of that name are reached.',
)
