import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';

export default class ScenarioSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of scenarios, for editors that complete them.';
  static override examples = [
    '<%= config.bin %> scenario schema > scenario.schema.json',
    '# yaml-language-server: $schema=scenario.schema.json',
  ];

  protected override async perform(): Promise<CommandResult<object>> {
    await this.parse(ScenarioSchema);
    const { scenarioJsonSchema } = await import('../../experiment/scenario/schema.js');
    return {
      document: scenarioJsonSchema(),
      show: (schema, print) => print(JSON.stringify(schema, null, 2)),
    };
  }
}
