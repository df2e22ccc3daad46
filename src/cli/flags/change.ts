import * as Flags from '@oclif/core/flags';
import { connectFlags } from './connect.js';
import { durationFlag } from './kinds.js';

/** What `remote prepare` and `remote revert` share. */
export const changeFlags = {
  ...connectFlags,
  'dry-run': Flags.boolean({ description: 'show what would be done, and do nothing' }),
  yes: Flags.boolean({ char: 'y', description: 'go on without asking' }),
  reboot: Flags.boolean({ description: 'reboot where that is needed', default: true, allowNo: true }),
  'reboot-timeout': durationFlag({
    description: 'how long a reboot may take',
    default: 600_000,
    defaultHelp: async () => '10m',
  }),
  parallel: Flags.integer({ description: 'at most so many hosts at once', default: 10, min: 1, max: 1_000 }),
  out: Flags.string({ description: 'folder for what was done', default: 'gclab-results', helpValue: 'DIR' }),
};
