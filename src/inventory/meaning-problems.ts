import { argumentProblems } from './argument-problems.js'
import { balancerProblems } from './balancer-problems.js'
import { certificateProblems } from './certificate-problems.js'
import { choiceProblems } from './choice-problems.js'
import { configProblems } from './config-problems.js'
import { etcdProblems } from './etcd-problems.js'
import { gateProblems } from './gate-problems.js'
import { grammarProblems } from './grammar-problems.js'
import { groupProblems } from './group-problems.js'
import { hostProblems } from './host-problems.js'
import type { Known } from './known.js'
import { leaderElectionProblems } from './leader-election.js'
import { markProblems } from './mark-problems.js'
import { networkProblems } from './network-problems.js'
import { osProblems } from './os-problems.js'
import { programSourceProblems } from './program-source-problems.js'
import { registryProblems } from './registry-problems.js'
import { rolloutProblems } from './rollout.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { sshProblems } from './ssh-problems.js'
import { volumeProblems } from './volume-problems.js'

/** What a well-formed inventory may still get wrong. Takes any part that may be missing for what it is. */
export function meaningProblems(inventory: Inventory, known: Known): Found[] {
  return [
    ...grammarProblems(inventory),
    ...choiceProblems(inventory, known),
    ...networkProblems(inventory),
    ...balancerProblems(inventory, known),
    ...registryProblems(inventory, known),
    ...programSourceProblems(inventory, known),
    ...etcdProblems(inventory),
    ...certificateProblems(inventory),
    ...rolloutProblems(inventory),
    ...hostProblems(inventory),
    ...groupProblems(inventory),
    ...markProblems(inventory),
    ...osProblems(inventory),
    ...argumentProblems(inventory),
    ...volumeProblems(inventory),
    ...configProblems(inventory, known),
    ...gateProblems(inventory),
    ...leaderElectionProblems(inventory),
    ...sshProblems(inventory),
  ]
}
