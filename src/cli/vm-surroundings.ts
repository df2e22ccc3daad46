import type { VmRequest } from '../workflows/vm.js';
import type { BaseCommand } from './base-command.js';
import { createProgress } from './create-progress.js';
import { placesOf } from './home.js';

/** What VM commands need from outside; `finish` lets go of the terminal. */
export async function vmSurroundings(
  command: BaseCommand,
  name: string,
  mirror: string | undefined,
): Promise<{ readonly request: VmRequest; readonly finish: () => Promise<void> }> {
  const progress = await createProgress({
    stream: process.stderr,
    targets: [name],
    interactive: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
  });
  const places = placesOf(command.config.root, mirror);
  return {
    request: { places, listener: progress.listener, signal: command.signal },
    finish: () => progress.finish(),
  };
}
