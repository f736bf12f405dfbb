/** The kubelet's unit, by the name every package and kubeadm give it. */
export const kubeletUnit = 'kubelet.service'
