/**
 * How long after its own deadline, which is kept on the host, a command may stay silent before the transport
 * counts as lost, milliseconds. It covers what goes before: a session, sudo, a slow line.
 */
export const graceMs = 15_000
