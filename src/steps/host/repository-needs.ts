import type { Machine } from '../../cluster/machine.js'
import type { Need } from '../../engine/step.js'
import { repositoryStepId } from '../../resources/repository.js'
import { unwantedRepositories } from '../../resources/unwanted-repository.js'
import { proxyNeeds } from './proxy-settings.js'

/** What must be there before a machine's packages are installed. */
export const repositoryNeeds = (machine: Machine): Need[] => [
  ...proxyNeeds(machine),
  `${machine.spec.name}/${unwantedRepositories}`,
  ...machine.spec.os.repositories.map((own) => `${machine.spec.name}/${repositoryStepId(own)}`),
]
