import { count, type Fields, fieldsOf, oneOf } from '../../lib/field-type.js'

const nanoseconds = { int: [0, Number.MAX_SAFE_INTEGER] } as const

/** Of a format's options in the logging section. */
export const routing: Fields = { infoBufferSize: { either: ['quantity', count] }, splitStream: 'bool' }

/** `flushFrequency` until 1.27: nanoseconds (time.Duration in Go). */
export const flushInNanoseconds = { either: [nanoseconds] } as const
/** `flushFrequency` from 1.28 on: nanoseconds, or "5s" (TimeOrMetaDuration). */
export const flushInEither = { either: ['duration', nanoseconds] } as const

/**
 * The logging section of component configurations from 1.23 on (k8s.io/component-base, config/v1alpha1 and later
 * logs/api/v1, types.go of the release branches).
 */
export const loggingFields: Fields = {
  ...fieldsOf(count, 'verbosity'),
  format: oneOf('text', 'json'),
  flushFrequency: flushInNanoseconds,
  vmodule: { list: { fields: { filePattern: 'string', verbosity: count } } },
  options: { fields: { json: { fields: routing } } },
}

/** What Go prints of a logging section in which nothing is set. */
export const loggingDefaults = {
  flushFrequency: 0,
  options: { json: { infoBufferSize: '0' } },
  verbosity: 0,
} as const
