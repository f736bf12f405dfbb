/** Where the kubelet finds a static Pod. */
export const manifestPath = (name: string): string => `/etc/kubernetes/manifests/${name}.yaml`
