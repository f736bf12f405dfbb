/** A filter of `docker ps`: what dockershim, or cri-dockerd, puts on every container it makes. */
export const ofPods = '--filter label=io.kubernetes.docker.type'
