/** Where these tell their health, and serve everything else, over TLS (kubeadm: util/staticpod; their own defaults). */
export const healthPorts = { 'kube-controller-manager': 10257, 'kube-scheduler': 10259 } as const
