import { BaseCommand } from '../../cli/base-command.js';

export default class ScenarioSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of scenarios, for editors that complete them.';
  static override examples = [
    '<%= config.bin %> scenario schema > scenario.schema.json',
    '# yaml-language-server: $schema=scenario.schema.json',
  ];

  async run(): Promise<object> {
    await this.parse(ScenarioSchema);
    const { scenarioJsonSchema } = await import('../../experiment/scenario/schema.js');
    const schema = scenarioJsonSchema();
    if (!this.jsonEnabled()) this.log(JSON.stringify(schema, null, 2));
    return schema;
  }
}
