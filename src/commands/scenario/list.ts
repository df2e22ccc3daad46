import { BaseCommand } from '../../cli/base-command.js';
import { shippedScenarios } from '../../cli/scenario-settings.js';

interface Listed {
  readonly name: string;
  readonly about: string;
}

export default class ScenarioList extends BaseCommand {
  static override summary = 'List the scenarios that come with gclab, and what each shows.';
  static override examples = ['<%= config.bin %> scenario list'];

  async run(): Promise<{ schema: 1; scenarios: readonly Listed[] }> {
    await this.parse(ScenarioList);
    const { findScenario, shippedNames } = await import('../../experiment/scenario/find.js');
    const folder = shippedScenarios(this.config.root);
    const names = await shippedNames(folder);
    const scenarios = await Promise.all(names.map((name) => findScenario(name, folder)));
    for (const { name, about } of scenarios) this.log(`${name}\n  ${about}\n`);
    return { schema: 1, scenarios: scenarios.map(({ name, about }) => ({ name, about })) };
  }
}
