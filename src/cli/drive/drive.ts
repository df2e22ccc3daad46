import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import { EXIT, type ExitCode } from '../../errors.js';
import type { Settings, Target } from '../../model.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import { formatBytes } from '../../units.js';
import { attach } from '../../workflows/attach.js';
import type { SeatEvent } from '../../workflows/driven-seat.js';
import { startDriving } from '../../workflows/driving.js';
import type { WorkflowEvent } from '../../workflows/events.js';
import { exitCodeOfRun, highest } from '../../workflows/outcome.js';
import { run } from '../../workflows/run.js';
import type { RunRequest } from '../../workflows/run-request.js';
import type { BaseCommand } from '../base-command.js';
import { homeFolder } from '../home.js';
import { describeRecord } from '../show-run.js';
import { type ConnectFlags, surroundings } from '../surroundings.js';
import { complete } from './complete.js';
import type { Console } from './console.js';
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
  /** A session that was left behind, to go on with first. */
  readonly left: RunDocument | undefined;
}

/** From flags to a conversation and its end. */
export async function drive(
  command: BaseCommand,
  flags: DriveFlags,
  subject: DriveSubject,
): Promise<{ runs: readonly RunDocument[]; exitCode: ExitCode }> {
  const around = await surroundings(command, flags, subject.targets);
  let listener = around.request.listener;
  let session: Session | undefined;
  const request: RunRequest = {
    ...around.request,
    targets: subject.targets,
    settings: subject.left?.settings ?? subject.settings,
    expect: undefined,
    guestDir: flags['guest-dir'],
    reconnectMs: flags.reconnect,
    parallel: subject.targets.length,
    out: flags.out,
    listener: (event) => listener(event),
  };
  const early: SeatEvent[] = [];
  const { left } = subject;
  const first = startDriving(
    request,
    left === undefined ? run : (full) => attach({ ...full, document: left }),
    (event) => (session === undefined ? early.push(event) : session.tell(event)),
  );
  await first.listening;
  await around.finish();
  let note = (message: string): void => command.note(message);
  const console = openConsole(command.jsonEnabled(), (message) => note(message));
  note = (message) => console.print(message);
  listener = (event) => printEvent(event, console);
  session = new Session({
    console,
    settings: request.settings,
    start: (tell) => startDriving(request, run, tell),
    describe: describeDocument,
    describeSurroundings: () => describeSettings(request.settings, subject.targets),
    signal: request.signal,
  });
  for (const event of early) session.tell(event);
  const runs = await session.run(first).finally(() => console.close());
  const codes = runs.flatMap(({ targets }) => targets.map(exitCodeOfRun));
  return { runs, exitCode: highest([session.failure, ...codes, EXIT.ok]) };
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

function describeDocument(document: RunDocument): string[] {
  return [...document.targets.flatMap(describeRecord), `results: ${printable(document.run.dir)}`];
}

function describeSettings(settings: Settings, targets: readonly Target[]): string[] {
  const { limitBytes, gogc, gomemlimit, env, sampleHz, port } = settings;
  return [
    `hosts       ${targets.map(({ name }) => printable(name, 60)).join(', ')}`,
    `hard limit  ${formatBytes(limitBytes)}, swap forbidden`,
    `GOGC        ${gogc ?? 'unset (100)'}`,
    `GOMEMLIMIT  ${gomemlimit === null ? 'unset' : gomemlimit === 'off' ? 'off' : formatBytes(Number(gomemlimit))}`,
    `samples     ${sampleHz} a second`,
    `port        ${port === 0 ? 'a free one' : port} of the loopback`,
    ...Object.entries(env).map(([key, value]) => `env         ${printable(`${key}=${value}`, 200)}`),
  ];
}
