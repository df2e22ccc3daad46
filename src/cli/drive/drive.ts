import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ExitCode } from '../../errors.js';
import type { WorkflowEvent } from '../../fleet/events.js';
import { exitCodeOfRuns, highest } from '../../fleet/outcome.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import { attachToPrograms } from '../../workflows/drive/attached.js';
import { type Driving, startDriving } from '../../workflows/drive/driving.js';
import type { ParticipantEvent } from '../../workflows/drive/participant.js';
import { attach } from '../../workflows/run/attach.js';
import type { RunRequest } from '../../workflows/run/request.js';
import { run } from '../../workflows/run/run.js';
import type { BaseCommand } from '../frame/base-command.js';
import { homeFolder } from '../frame/home-folder.js';
import type { Surroundings } from '../frame/surroundings.js';
import { drawsEscapes } from '../show/escapes.js';
import { complete } from './console/complete.js';
import type { Console } from './console/console.js';
import { openHistory } from './console/history.js';
import { pipeConsole } from './console/pipe.js';
import { terminalConsole } from './console/terminal.js';
import {
  ATTACHED_OPENING,
  describeAttached,
  describeDocument,
  describeSettings,
} from './describe-subject.js';
import { Session } from './session.js';

/** What there is to drive: an experiment begun anew, a session that was left behind, or whatever listens on the port. */
export type DriveSubject = 'new' | 'what-listens' | RunDocument;

/** From flags to a conversation and its end. */
export async function drive(
  command: BaseCommand,
  asked: RunRequest,
  around: Pick<Surroundings, 'release'>,
  subject: DriveSubject,
): Promise<{ runs: readonly RunDocument[]; exitCode: ExitCode }> {
  let { listener } = asked;
  let session: Session | undefined;
  const request: RunRequest = {
    ...asked,
    settings: typeof subject === 'object' ? subject.settings : asked.settings,
    listener: (event) => listener(event),
  };
  const early: ParticipantEvent[] = [];
  const tell = (event: ParticipantEvent): void =>
    void (session === undefined ? early.push(event) : session.tell(event));
  const first = await begin(request, subject, tell);
  await first.listening;
  await around.release();
  let note = (message: string): void => command.note(message);
  const console = openConsole(command.jsonEnabled(), (message) => note(message));
  note = (message) => console.print(message);
  const nameOf = (id: string): string => request.targets.find((one) => one.id === id)?.name ?? id;
  listener = (event) => printEvent(event, console, nameOf);
  session = new Session({
    console,
    settings: { ...request.settings, limitBytes: first.limitBytes ?? request.settings.limitBytes },
    start: (tell) => startDriving(request, run, tell),
    describe: describeDocument,
    opening: first.limitBytes === undefined ? [] : ATTACHED_OPENING,
    describeSurroundings: () =>
      first.limitBytes === undefined
        ? describeSettings(request.settings, request.targets)
        : describeAttached(first.limitBytes, request.settings.port, request.targets),
    signal: request.signal,
    // In raw mode Ctrl-C is a key.
    stopEverything: () => command.interrupt(),
  });
  for (const event of early) session.tell(event);
  const runs = await session.run(first).finally(() => console.close());
  const codes = runs.map(({ targets }) => exitCodeOfRuns(targets));
  return { runs, exitCode: highest([session.failure, ...codes]) };
}

/** `limitBytes`: what a program of somebody else's says its hard limit is. */
async function begin(
  request: RunRequest,
  subject: DriveSubject,
  tell: (event: ParticipantEvent) => void,
): Promise<Driving & { readonly limitBytes?: number }> {
  if (subject === 'what-listens') return await attachToPrograms(request, tell);
  if (subject === 'new') return startDriving(request, run, tell);
  return startDriving(request, (full) => attach({ ...full, document: subject }), tell);
}

/** A terminal on both sides gets a prompt and a panel; stdout stays free for the document of --json. */
function openConsole(isJson: boolean, report: (message: string) => void): Console {
  const output: WriteStream = isJson ? process.stderr : process.stdout;
  if (process.stdin.isTTY === true && drawsEscapes(output)) {
    return terminalConsole({
      input: process.stdin as ReadStream,
      output,
      history: openHistory(join(homeFolder(process.env), 'drive-history'), report),
      complete,
    });
  }
  return pipeConsole(process.stdin, output);
}

function printEvent(event: WorkflowEvent, console: Console, nameOf: (id: string) => string): void {
  const target = printable(nameOf(event.target), 60);
  if (event.kind === 'note') console.print(`${target}: ${printable(event.text)}`);
  if (event.kind === 'phase-ended' && !event.ok)
    console.print(`${target}: ${event.phase}: ${printable(event.detail)}`);
}
