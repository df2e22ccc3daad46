import * as Flags from '@oclif/core/flags';
import { durationFlag, envFlag, guestDirFlag, sizeFlag } from './kinds.js';

/** What everything shares that follows a run on a guest and keeps it here. */
export const followFlags = {
  reconnect: durationFlag({
    description: 'for how long a dropped connection is tried again',
    default: 120_000,
    defaultHelp: async () => '2m',
  }),
  out: Flags.string({ description: 'folder for results', default: 'gclab-results', helpValue: 'DIR' }),
};

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
    multipleNonGreedy: true,
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
