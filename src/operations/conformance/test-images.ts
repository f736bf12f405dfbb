import { renderYaml } from '../../kubernetes/render-yaml.js'

/**
 * Registries of the suite's images that lie in the registry of Kubernetes itself, below which path, by the keys of
 * $KUBE_TEST_REPO_LIST (test/utils/image/manifest.go; a key that a minor does not know is ignored). The others are kept:
 * they are Docker's, or there to fail.
 */
const below: Readonly<Record<string, string>> = {
  e2eRegistry: '/e2e-test-images',
  promoterE2eRegistry: '/e2e-test-images',
  buildImageRegistry: '/build-image',
  gcEtcdRegistry: '',
  gcRegistry: '',
  sigStorageRegistry: '/sig-storage',
  cloudProviderGcpRegistry: '/cloud-provider-gcp',
}

/**
 * The file $KUBE_TEST_REPO_LIST names, for images that lie below another repository at the paths of registry.k8s.io.
 * @param repository "registry.example.com/k8s"
 */
export function testImageList(repository: string): string {
  return renderYaml(
    Object.fromEntries(Object.entries(below).map(([key, path]) => [key, `${repository}${path}`])),
  )
}
