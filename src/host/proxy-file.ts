/**
 * Where a host keeps the proxy that kubestrap's own calls and the container runtime go through: variables, for sh and
 * for systemd (EnvironmentFile), readable by root alone where there is a password.
 */
export const proxyFile = '/etc/kubestrap/proxy.env'

/** Makes what a script runs go through the proxy, where there is one. POSIX sh. */
export const throughProxy = `
if [ -r ${proxyFile} ]; then
  set -a
  . ${proxyFile}
  set +a
fi
`
