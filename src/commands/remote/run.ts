import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { experimentFlags } from '../../cli/experiment-flags.js';
import { connectFlags, durationFlag, parallelFlag } from '../../cli/flags.js';
import { givenFlags, settingsWithScenario, shippedScenarios } from '../../cli/scenario-settings.js';
import { settingsFromFlags } from '../../cli/settings.js';
import { targetsOrEmbedded } from '../../cli/targets.js';
import { EMBEDDED_VM, specFromFlags, vmFlags } from '../../cli/vm-flags.js';
import type { Settings } from '../../model.js';
import type { RunDocument } from '../../results/run-folder.js';
import type { ChangeSettings } from '../../workflows/change-settings.js';

export default class RemoteRun extends BaseCommand {
  static override summary = 'Run the experiment on hosts and bring home a verdict with its evidence.';
  static override description =
    `Connects, checks what the kernel can enforce, deploys the Go program, runs it under a hard memory limit
without swap, follows its journal, and says whether the kernel OOM-killed it, how often, and why that is certain.`;
  static override examples = [
    {
      command: '<%= config.bin %> remote run',
      description: 'in a VM that gclab makes, where no host is named',
    },
    '<%= config.bin %> remote run --host vm1',
    '<%= config.bin %> remote run --host local --trials 20 --gomemlimit 28MiB',
    '<%= config.bin %> remote run --host vm1 --host vm2 --gc --expect survived --json',
  ];
  static override flags = {
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

  async run(): Promise<RunDocument> {
    const { flags, metadata } = await this.parse(RemoteRun);
    const given = givenFlags(metadata.flags, flags);
    const plain = settingsFromFlags({ ...flags, port: flags.port ?? 0 });
    const settings =
      flags.scenario === undefined ? plain : await this.#withScenario(plain, flags.scenario, given);
    const targets = await targetsOrEmbedded(this, flags, specFromFlags(EMBEDDED_VM, flags));
    const [work, { exitCodeOfRun, highest }, { surroundings }, { showRun }] = await Promise.all([
      flags.lockstep
        ? import('../../workflows/run-lockstep.js').then(({ runLockstep }) => runLockstep)
        : import('../../workflows/run.js').then(({ run }) => run),
      import('../../workflows/outcome.js'),
      import('../../cli/surroundings.js'),
      import('../../cli/show-run.js'),
    ]);
    const around = await surroundings(this, flags, targets);
    const document = await work({
      ...around.request,
      targets,
      settings,
      ...(await this.#preparation(flags, around.request.connect.ask)),
      expect: flags.expect,
      guestDir: flags['guest-dir'],
      reconnectMs: flags.reconnect,
      parallel: flags.parallel,
      out: flags.out,
    });
    await around.finish();
    this.exitWith(highest(document.targets.map(exitCodeOfRun)));
    if (!this.jsonEnabled()) await showRun(document, (line) => this.log(line));
    return document;
  }

  async #preparation(
    flags: { readonly prepare: boolean; readonly yes: boolean },
    ask: Parameters<typeof import('../../cli/change-hosts.js').changeSettings>[1],
  ): Promise<{ prepare?: ChangeSettings }> {
    if (!flags.prepare) return {};
    const { changeSettings } = await import('../../cli/change-hosts.js');
    const plain = {
      'dry-run': false,
      reboot: true,
      'reboot-timeout': 600_000,
      force: false,
      editDefaultGrub: false,
    };
    return { prepare: changeSettings({ ...plain, trial: false, yes: flags.yes }, ask) };
  }

  async #withScenario(plain: Settings, named: string, given: ReadonlySet<string>): Promise<Settings> {
    const { findScenario } = await import('../../experiment/scenario/find.js');
    const scenario = await findScenario(named, shippedScenarios(this.config.root));
    return await settingsWithScenario(plain, given, scenario);
  }
}
