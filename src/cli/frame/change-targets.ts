import { exitCodeOfRecords } from '../../fleet/outcome.js';
import type { Target } from '../../model.js';
import type { ChangeDocument } from '../../results/change-folder.js';
import { change } from '../../workflows/change/change.js';
import { type ChangeChoices, changeSettings } from '../flags/change-settings.js';
import { type ConnectFlags, keepRequest } from '../flags/requests.js';
import { showChange } from '../show/show-change.js';
import type { BaseCommand, CommandResult } from './base-command.js';
import { onTargets } from './flow.js';

interface ChangeFlags extends ConnectFlags, ChangeChoices {
  readonly parallel: number;
  readonly out: string;
}

/** `remote prepare` and `remote revert`: the same way in another direction. */
export async function changeTargets(
  command: BaseCommand,
  action: 'prepare' | 'revert',
  targets: readonly Target[],
  flags: ChangeFlags,
): Promise<CommandResult<ChangeDocument>> {
  const document = await onTargets(command, flags, targets, (request, around) => {
    const settings = changeSettings(flags, around.ask);
    return change({ ...request, ...keepRequest(flags, around), action, settings });
  });
  return { document, exitCode: exitCodeOfRecords(document.targets), show: showChange };
}
