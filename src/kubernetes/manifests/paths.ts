/** Where kubeadm keeps things on a control plane. */
export const kubernetesDirectory = '/etc/kubernetes'
export const pkiDirectory = `${kubernetesDirectory}/pki`
