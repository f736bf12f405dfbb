import type { Balancer } from './balancer.js'

/**
 * The user's own. Nothing is installed; that machines reach it is asked before anything is changed (preflight
 * PortReach), and that it leads to this cluster when a node joins. Before the first API server runs it may
 * refuse connections.
 */
export const external: Balancer = {
  id: 'external',
  runsOn: 'nowhere',
  port: 'any',
  virtualIp: 'possible',
  keys: [],
  answersAlone: false,
  remains: [],
  images: () => [],
  packages: () => [],
  steps: () => [],
  settledSteps: () => [],
}
