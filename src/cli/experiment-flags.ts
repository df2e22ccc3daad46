import { Flags } from '@oclif/core';
import { durationFlag, envFlag, followFlags, guestDirFlag, sizeFlag } from './flags.js';

/** What the experiment is set to. The defaults are a session's; `remote run` has its own where they differ. */
export const experimentFlags = {
  limit: sizeFlag({
    description: 'hard memory limit of the cgroup',
    default: 32 * 2 ** 20,
    defaultHelp: async () => '32MiB',
  }),
  gogc: Flags.string({ description: 'GOGC of the program: a percentage or off', helpValue: 'N|off' }),
  gomemlimit: Flags.string({
    description: 'GOMEMLIMIT of the program: the soft limit',
    helpValue: 'SIZE|off',
  }),
  env: envFlag({
    description: "one more variable in the program's environment; may be given many times",
    multiple: true,
  }),
  'sample-hz': Flags.integer({
    description: 'samples of the usage per second, a tenth as many of the heap',
    default: 200,
    min: 10,
    max: 10_000,
  }),
  port: Flags.integer({
    description: "the experiment's port on the guest's loopback",
    default: 1_112,
    min: 1,
    max: 65_535,
  }),
  timeout: durationFlag({
    description: 'how long one experiment may take on the guest',
    default: 86_400_000,
    defaultHelp: async () => '24h',
  }),
  ...followFlags,
  'guest-dir': guestDirFlag({ description: "gclab's folder on the guest" }),
};
