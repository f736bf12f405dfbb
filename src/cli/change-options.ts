import { ignoreOption, inventoryOption, outputOption, uploadsOption } from './command.js'
import { otherRunsOption } from './other-runs.js'
import { yesOption } from './plan/confirm.js'

/** What every command takes that runs `up`, or a part of it. */
export const changeOptions = {
  ...inventoryOption,
  ...outputOption,
  ...ignoreOption,
  ...uploadsOption,
  ...yesOption,
  ...otherRunsOption,
}
