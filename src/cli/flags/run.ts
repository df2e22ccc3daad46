import * as Flags from '@oclif/core/flags';
import { connectFlags, parallelFlag } from './connect.js';
import { experimentFlags } from './experiment.js';
import { durationFlag } from './kinds.js';
import { vmFlags } from './vm.js';

/** What `remote run` takes. */
export const runFlags = {
  ...connectFlags,
  image: vmFlags.image,
  mirror: vmFlags.mirror,
  ...experimentFlags,
  trials: Flags.integer({
    description: 'trials, each in a fresh cgroup and process',
    default: 1,
    min: 1,
    max: 100_000,
  }),
  gc: Flags.boolean({ description: 'collect garbage between release and second allocation' }),
  'sample-hz': Flags.integer({
    description: 'samples of the usage per second; 0 is off',
    default: 1_000,
    min: 0,
    max: 10_000,
  }),
  scenario: Flags.string({
    description:
      'do the steps of this scenario in every trial: a file, or the name of one that comes with gclab',
    helpValue: 'FILE',
    exclusive: ['interactive', 'gc'],
  }),
  lockstep: Flags.boolean({
    description: 'with --scenario: no host begins a step before all the others are as far',
    dependsOn: ['scenario'],
  }),
  interactive: Flags.boolean({
    description:
      'drive the interactive mode over the connection: once without and once with a collection per trial',
  }),
  port: Flags.integer({
    description:
      "the experiment's port on the guest's loopback, where it is driven; a free one where none is named",
    min: 1,
    max: 65_535,
  }),
  expect: Flags.option({
    options: ['survived', 'oom-killed'] as const,
    description: 'exit 6 unless every trial ended so',
  })(),
  prepare: Flags.boolean({
    description: 'give hosts the kernel options they lack first (see remote prepare)',
  }),
  yes: Flags.boolean({
    char: 'y',
    description: 'with --prepare: go on without asking',
    dependsOn: ['prepare'],
  }),
  timeout: durationFlag({
    description: 'how long the run may take on a guest',
    default: 600_000,
    defaultHelp: async () => '10m',
  }),
  parallel: parallelFlag,
};
