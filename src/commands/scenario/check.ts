import * as Args from '@oclif/core/args';
import { shippedScenarios } from '../../cli/flags/scenario.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import type { Scenario } from '../../experiment/scenario/scenario.js';

interface ScenarioCheckDocument {
  readonly schema: 1;
  readonly scenario: Scenario;
}

export default class ScenarioCheck extends BaseCommand<ScenarioCheckDocument> {
  static override summary = 'Check a scenario, without connecting to anything.';
  static override args = {
    scenario: Args.string({
      description: 'a file, or the name of one that comes with gclab',
      required: true,
    }),
  };
  static override examples = ['<%= config.bin %> scenario check my.yaml'];

  protected override async perform(): Promise<CommandResult<ScenarioCheckDocument>> {
    const { args } = await this.parse(ScenarioCheck);
    const [{ findScenario }, { showScenario }] = await Promise.all([
      import('../../experiment/scenario/find.js'),
      import('../../cli/show/show-scenario.js'),
    ]);
    const scenario = await findScenario(args.scenario, shippedScenarios(this.config.root));
    return {
      document: { schema: 1, scenario },
      show: (document, print) => showScenario(document.scenario, print),
    };
  }
}
