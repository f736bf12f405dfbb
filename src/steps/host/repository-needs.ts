import type { Machine } from '../../cluster/machine.js'
import type { Need } from '../../engine/step.js'
import type { RepositorySpec } from '../../inventory/spec.js'
import { repositoryStepId } from '../../resources/repository.js'
import { unwantedRepositories } from '../../resources/unwanted-repository.js'
import { proxyNeeds } from './proxy-settings.js'

/** The inventory's repositories of a host: none where the operator brings its packages, as it may reach none. */
export const addedRepositories = ({ os, spec }: Machine): readonly RepositorySpec[] =>
  os.brought ? [] : spec.os.repositories

/** What must be there before a machine's packages are installed. */
export const repositoryNeeds = (machine: Machine): Need[] => [
  ...proxyNeeds(machine),
  `${machine.spec.name}/${unwantedRepositories}`,
  ...addedRepositories(machine).map((own) => `${machine.spec.name}/${repositoryStepId(own)}`),
]
