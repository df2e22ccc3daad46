import { shippedScenarios } from '../../cli/flags/scenario.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';

interface ScenarioListDocument {
  readonly schema: 1;
  readonly scenarios: readonly { readonly name: string; readonly about: string }[];
}

export default class ScenarioList extends BaseCommand<ScenarioListDocument> {
  static override summary = 'List the scenarios that come with gclab, and what each shows.';
  static override examples = ['<%= config.bin %> scenario list'];

  protected override async perform(): Promise<CommandResult<ScenarioListDocument>> {
    await this.parse(ScenarioList);
    const { findScenario, shippedNames } = await import('../../experiment/scenario/find.js');
    const folder = shippedScenarios(this.config.root);
    const names = await shippedNames(folder);
    const scenarios = await Promise.all(names.map((name) => findScenario(name, folder)));
    return {
      document: { schema: 1, scenarios: scenarios.map(({ name, about }) => ({ name, about })) },
      show: (document, print) => {
        for (const { name, about } of document.scenarios) print(`${name}\n  ${about}\n`);
      },
    };
  }
}
