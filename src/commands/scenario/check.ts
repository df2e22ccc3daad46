import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { shippedScenarios } from '../../cli/scenario-settings.js';
import { printable } from '../../printable.js';

export default class ScenarioCheck extends BaseCommand {
  static override summary = 'Check a scenario, without connecting to anything.';
  static override args = {
    scenario: Args.string({
      description: 'a file, or the name of one that comes with gclab',
      required: true,
    }),
  };
  static override examples = ['<%= config.bin %> scenario check my.yaml'];

  async run(): Promise<object> {
    const { args } = await this.parse(ScenarioCheck);
    const [{ findScenario }, { costOf }, { formatStep }] = await Promise.all([
      import('../../experiment/scenario/find.js'),
      import('../../experiment/steps/budget.js'),
      import('../../experiment/steps/format.js'),
    ]);
    const scenario = await findScenario(args.scenario, shippedScenarios(this.config.root));
    const { done, waitMs } = costOf(scenario.steps);
    this.log(`${printable(scenario.name, 60)}: ${done} steps, of which ${waitMs / 1_000} s only wait`);
    if (scenario.about !== '') this.log(printable(scenario.about));
    for (const [index, step] of scenario.steps.entries()) this.log(`  ${index + 1}. ${formatStep(step)}`);
    return { schema: 1, scenario };
  }
}
