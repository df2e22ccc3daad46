import { join } from 'node:path';
import type { Scenario } from '../../experiment/scenario/scenario.js';
import type { Settings } from '../../model.js';
import { type SettingsFlags, settingsFromFlags } from './settings.js';

/** Where the scenarios lie that come with gclab; `root` is the folder of package.json. */
export function shippedScenarios(root: string): string {
  return join(root, 'provision', 'scenarios');
}

/** The settings of `remote run`; `root` is the folder of package.json. */
export async function runSettings(
  flags: Omit<SettingsFlags, 'port'> & {
    readonly port: number | undefined;
    readonly scenario: string | undefined;
  },
  given: ReadonlySet<string>,
  root: string,
): Promise<Settings> {
  const plain = settingsFromFlags({ ...flags, port: flags.port ?? 0 });
  if (flags.scenario === undefined) return plain;
  const { findScenario } = await import('../../experiment/scenario/find.js');
  const scenario = await findScenario(flags.scenario, shippedScenarios(root));
  return await settingsWithScenario(plain, given, scenario);
}

/** The settings of a run that does a scenario: what the command line said itself goes before what the scenario says. */
async function settingsWithScenario(
  flags: Settings,
  given: ReadonlySet<string>,
  scenario: Scenario,
): Promise<Settings> {
  const { resolveSteps } = await import('../../experiment/steps/resolve.js');
  const { settings: said, name, steps, expect } = scenario;
  const limitBytes = given.has('limit') ? flags.limitBytes : (said.limitBytes ?? flags.limitBytes);
  return {
    ...flags,
    mode: 'scenario',
    limitBytes,
    gogc: flags.gogc ?? said.gogc ?? null,
    gomemlimit: flags.gomemlimit ?? said.gomemlimit ?? null,
    env: { ...said.env, ...flags.env },
    sampleHz: given.has('sample-hz') ? flags.sampleHz : (said.sampleHz ?? flags.sampleHz),
    timeoutMs: given.has('timeout') ? flags.timeoutMs : (said.timeoutMs ?? flags.timeoutMs),
    scenario: { name, steps: resolveSteps(steps, limitBytes), expect },
  };
}

/** The flags that were typed, as opposed to those that have their usual value. */
export function givenFlags(
  flags: Readonly<Record<string, { readonly setFromDefault?: boolean } | undefined>>,
  all: object,
): Set<string> {
  return new Set(Object.keys(all).filter((name) => flags[name]?.setFromDefault !== true));
}
