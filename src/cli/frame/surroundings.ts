import type { WriteStream } from 'node:tty';
import type { Listener } from '../../fleet/events.js';
import type { Target } from '../../model.js';
import { printable } from '../../printable.js';
import type { ControllerFacts } from '../../results/run-folder.js';
import type { Progress } from '../progress/plain.js';
import { drawsEscapes } from '../show/escapes.js';
import { type Ask, askOnTerminal } from './ask.js';
import type { BaseCommand } from './base-command.js';
import { controllerFacts } from './controller.js';

/** What a command has around it beside its flags. Nothing below reads terminal, environment or clock by itself. */
export interface Surroundings {
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly listener: Listener;
  /** Absent where nobody can be asked. */
  readonly ask: Ask | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Of gclab. */
  readonly version: string;
  readonly controller: ControllerFacts;
  /** The folder of gclab's package.json. */
  readonly root: string;
  /** Lets go of the terminal while the work goes on, for what draws by itself. */
  readonly release: () => Promise<void>;
}

type Named = Pick<Target, 'id' | 'name'>;

/**
 * Gathers once what `work` needs from outside, and shows what it tells of these targets. The terminal is free again when it
 * has ended, however it ended.
 */
export async function withSurroundings<T>(
  command: BaseCommand,
  targets: readonly Named[],
  work: (around: Surroundings) => Promise<T>,
): Promise<T> {
  const progress = await progressOn(process.stderr, targets);
  const stopTelling = command.onInterrupt((message) => progress.print(message));
  try {
    return await work({
      signal: command.signal,
      listener: progress.listener,
      ask: askOnTerminal(progress, command),
      env: process.env,
      now: () => new Date(),
      version: command.config.version,
      controller: controllerFacts(process.argv.slice(2)),
      root: command.config.root,
      release: () => progress.finish(),
    });
  } finally {
    stopTelling();
    await progress.finish();
  }
}

/** Drawn in place on a terminal, plain lines elsewhere. */
async function progressOn(stream: WriteStream, targets: readonly Named[]): Promise<Progress> {
  const names = new Map(targets.map(({ id, name }) => [id, printable(name, 60)]));
  const nameOf = (id: string): string => names.get(id) ?? printable(id, 60);
  if (drawsEscapes(stream)) {
    const { drawnProgress } = await import('../progress/drawn.js');
    return drawnProgress(stream, [...names.keys()], nameOf);
  }
  const { plainProgress } = await import('../progress/plain.js');
  return plainProgress(stream, nameOf);
}
