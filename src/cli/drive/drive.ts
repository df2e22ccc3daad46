import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import { EXIT, type ExitCode } from '../../errors.js';
import type { Settings, Target } from '../../model.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import { attach } from '../../workflows/attach.js';
import type { SeatEvent } from '../../workflows/driven-seat.js';
import { type Driving, startDriving } from '../../workflows/driving.js';
import type { WorkflowEvent } from '../../workflows/events.js';
import { exitCodeOfRun, highest } from '../../workflows/outcome.js';
import { run } from '../../workflows/run.js';
import type { RunRequest } from '../../workflows/run-request.js';
import { visit } from '../../workflows/visit.js';
import type { BaseCommand } from '../base-command.js';
import { homeFolder } from '../home.js';
import { type ConnectFlags, surroundings } from '../surroundings.js';
import { complete } from './complete.js';
import type { Console } from './console.js';
import { describeDocument, describeSettings, describeVisit, VISIT_OPENING } from './describe-subject.js';
import { openHistory } from './history.js';
import { pipeConsole } from './pipe-console.js';
import { Session } from './session.js';
import { terminalConsole } from './terminal-console.js';

interface DriveFlags extends ConnectFlags {
  readonly reconnect: number;
  readonly out: string;
  readonly 'guest-dir': string | undefined;
}

export interface DriveSubject {
  readonly targets: readonly Target[];
  readonly settings: Settings;
  /** A session that was left behind, or whatever listens on the port, to go on with first. */
  readonly goOnWith: RunDocument | 'what-listens' | undefined;
}

/** From flags to a conversation and its end. */
export async function drive(
  command: BaseCommand,
  flags: DriveFlags,
  subject: DriveSubject,
): Promise<{ runs: readonly RunDocument[]; exitCode: ExitCode }> {
  const { goOnWith } = subject;
  const around = await surroundings(command, flags, subject.targets);
  let listener = around.request.listener;
  let session: Session | undefined;
  const request: RunRequest = {
    ...around.request,
    targets: subject.targets,
    settings: typeof goOnWith === 'object' ? goOnWith.settings : subject.settings,
    expect: undefined,
    guestDir: flags['guest-dir'],
    reconnectMs: flags.reconnect,
    parallel: subject.targets.length,
    out: flags.out,
    listener: (event) => listener(event),
  };
  const early: SeatEvent[] = [];
  const tell = (event: SeatEvent): void =>
    void (session === undefined ? early.push(event) : session.tell(event));
  const first = await begin(request, goOnWith, tell).catch(async (error: unknown) => {
    await around.finish();
    throw error;
  });
  await first.listening;
  await around.finish();
  let note = (message: string): void => command.note(message);
  const console = openConsole(command.jsonEnabled(), (message) => note(message));
  note = (message) => console.print(message);
  listener = (event) => printEvent(event, console);
  session = new Session({
    console,
    settings: { ...request.settings, limitBytes: first.limitBytes ?? request.settings.limitBytes },
    start: (tell) => startDriving(request, run, tell),
    describe: describeDocument,
    opening: first.limitBytes === undefined ? [] : VISIT_OPENING,
    describeSurroundings: () =>
      first.limitBytes === undefined
        ? describeSettings(request.settings, subject.targets)
        : describeVisit(first.limitBytes, request.settings.port, subject.targets),
    signal: request.signal,
  });
  for (const event of early) session.tell(event);
  const runs = await session.run(first).finally(() => console.close());
  const codes = runs.flatMap(({ targets }) => targets.map(exitCodeOfRun));
  return { runs, exitCode: highest([session.failure, ...codes, EXIT.ok]) };
}

/** `limitBytes`: what a program of somebody else's says its hard limit is. */
async function begin(
  request: RunRequest,
  goOnWith: DriveSubject['goOnWith'],
  tell: (event: SeatEvent) => void,
): Promise<Driving & { readonly limitBytes?: number }> {
  if (goOnWith === 'what-listens') return await visit(request);
  if (goOnWith === undefined) return startDriving(request, run, tell);
  return startDriving(request, (full) => attach({ ...full, document: goOnWith }), tell);
}

/** A terminal on both sides gets a prompt and a panel; stdout stays free for the document of --json. */
function openConsole(isJson: boolean, report: (message: string) => void): Console {
  const output: WriteStream = isJson ? process.stderr : process.stdout;
  if (process.stdin.isTTY === true && output.isTTY === true && process.env['TERM'] !== 'dumb') {
    return terminalConsole({
      input: process.stdin as ReadStream,
      output,
      history: openHistory(join(homeFolder(process.env), 'drive-history'), report),
      complete,
    });
  }
  return pipeConsole(process.stdin, output);
}

function printEvent(event: WorkflowEvent, console: Console): void {
  const target = printable(event.target, 60);
  if (event.kind === 'note') console.print(`${target}: ${printable(event.text)}`);
  if (event.kind === 'phase-ended' && !event.ok)
    console.print(`${target}: ${event.phase}: ${printable(event.detail)}`);
}
