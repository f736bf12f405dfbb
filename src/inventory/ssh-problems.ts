import type { Path } from '../lib/yaml-source.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { parseJump } from './ssh-jump.js'

/** What a well-formed `ssh` section may still get wrong. */
export function sshProblems(inventory: Inventory): Found[] {
  const sections: { path: Path; jump: string | undefined }[] = [
    { path: ['ssh'], jump: inventory.ssh?.jump },
    ...settingsOf(inventory).map(({ path, settings }) => ({
      path: [...path, 'ssh'],
      jump: settings.ssh?.jump,
    })),
  ]
  return sections.flatMap(({ path, jump }): Found[] => {
    if (jump === undefined || parseJump(jump)) return []
    return [
      {
        path: [...path, 'jump'],
        what: `"${jump}" is not a valid jump`,
        write:
          'name the bastions in order: ops@bastion.example.com, or ops@one:22,ops@two:2222; none for no bastion',
      },
    ]
  })
}
