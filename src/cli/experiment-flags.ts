import { Flags } from '@oclif/core';
import { durationFlag, envFlag, sizeFlag } from './flags.js';

/** What the experiment of a session is set to; those of `remote run` that make sense for one process. */
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
  reconnect: durationFlag({
    description: 'for how long a dropped connection is tried again',
    default: 120_000,
    defaultHelp: async () => '2m',
  }),
  out: Flags.string({ description: 'folder for results', default: 'gclab-results', helpValue: 'DIR' }),
  'guest-dir': Flags.string({ description: "gclab's folder on the guest", helpValue: 'DIR' }),
};
