/**
 * `host_authorities`: prints the certificate authorities that the host trusts, PEM; nothing where none of the places
 * is known: those of Debian and Flatcar, of Red Hat's family, and of SUSE (crypto/x509, root_linux.go has the same). A client
 * that is told further authorities takes them in place of these, and a mirror may redirect to a public server.
 */
export const hostAuthorities = `
host_authorities() {
  for a in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /var/lib/ca-certificates/ca-bundle.pem; do
    [ -s "$a" ] || continue
    cat -- "$a" && echo
    return
  done
}
`
