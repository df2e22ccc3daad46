import * as Flags from '@oclif/core/flags';
import { connectFlags } from './connect.js';
import { experimentFlags } from './experiment.js';

/** What `remote drive` takes. */
export const driveFlags = {
  ...connectFlags,
  ...experimentFlags,
  attach: Flags.boolean({
    description: `go on with a session that was left behind, from its journal; where none was on the hosts named, with the
program that listens on --port there, whoever started it`,
  }),
  lockstep: Flags.boolean({
    description: 'several hosts at once: each command goes to all, and waits for all',
  }),
};
