import { unlessAborted } from '../../concurrency/deferred.js';
import { GclabError } from '../../errors.js';
import type { Answer } from '../../experiment/client.js';
import { connectPhase, dial } from '../../fleet/connect.js';
import { Phases } from '../../fleet/phases.js';
import { binaryFor } from '../../guest/binary.js';
import { type GuestFolder, locate } from '../../guest/folder.js';
import type { Guest, Target } from '../../model.js';
import { Connection } from '../../transport/connection.js';
import { TunnelRefused } from '../../transport/tunnel/tunnel-refused.js';
import type { RunRequest } from '../run/request.js';
import { AnswersAsJournal } from './answers-as-journal.js';
import type { Driving } from './driving.js';
import { DEADLINES, notWithin } from './machine/deadlines.js';
import { Participant, type ParticipantEvent } from './participant.js';
import { type ProgramLink, programLink } from './program-link.js';

/** Programs that somebody else started, and the hard limit that the first of them says it has, in bytes. */
export interface AttachedDriving extends Driving {
  readonly limitBytes: number;
}

/**
 * Drives programs that listen on `settings.port` of each guest's loopback, whoever started them. Rejects where one cannot be
 * reached or does not answer as the experiment does; leaves them running, and the guests as they were.
 */
export async function attachToPrograms(
  request: RunRequest,
  tell: (event: ParticipantEvent) => void,
): Promise<AttachedDriving> {
  const attached = await allOrNone(request.targets.map((target) => attachOne(target, request, tell)));
  const participants = attached.map(({ participant }) => participant);
  const ended = Promise.all(attached.map(({ done }) => done)).then(() => null);
  return { participants, listening: Promise.resolve(), ended, limitBytes: attached[0]?.limitBytes ?? 0 };
}

async function allOrNone(attempts: readonly Promise<Attached>[]): Promise<Attached[]> {
  const settled = await Promise.allSettled(attempts);
  const attached = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return attached;
  for (const { participant } of attached) participant.interrupt();
  await Promise.all(attached.map(({ done }) => done));
  throw failed.reason;
}

interface Attached {
  readonly participant: Participant;
  readonly limitBytes: number;
  /** Resolves once the program is gone or was left, and its connection is closed. */
  readonly done: Promise<void>;
}

async function attachOne(
  target: Target,
  request: RunRequest,
  tell: (event: ParticipantEvent) => void,
): Promise<Attached> {
  const phases = new Phases(target.id, request.listener);
  const first = await connectPhase(target, request, phases);
  const over = new AbortController();
  const connection = new Connection(first, {
    dial: (before, signal) => dial(before.target, request, signal),
    reconnectMs: request.reconnectMs,
    onNote: (text) => phases.note(text),
    signal: AbortSignal.any([request.signal, over.signal]),
  });
  const guest = (): Guest => connection.guest;
  try {
    // Where the server does not forward, a gcexp that is there already makes the bridge; nothing is put there.
    const { sha256 } = await binaryFor('amd64', request.dist);
    const folder: GuestFolder = await locate(first, sha256, request.guestDir);
    const link = programLink({ name: target.name, guest, folder: () => folder, phases });
    const stats = await firstStats(link, target.name, request);
    const answers = new AnswersAsJournal(link, stats);
    const participant = new Participant({
      subject: { target: target.name, kind: 'attached', hint: 'attach to it again' },
      ...{ link: answers, guest, signal: request.signal, tell },
    });
    answers.tellTo(participant);
    const done = stay(connection, participant, over);
    return { participant, limitBytes: stats.figures['limitBytes'] ?? 0, done };
  } catch (error) {
    await first.close();
    throw notThere(error, target.name, request.settings.port);
  }
}

async function firstStats(link: ProgramLink, target: string, request: RunRequest): Promise<Answer> {
  const late = new AbortController();
  const error = new GclabError({
    code: 'remote-timeout',
    doing: 'asking /stats',
    target,
    what: notWithin('answer'),
  });
  const timer = setTimeout(() => late.abort(error), DEADLINES.answer.ms);
  const unwanted = AbortSignal.any([request.signal, late.signal]);
  try {
    await unlessAborted(link.open(request.settings.port), unwanted);
    return await link.ask({ do: 'stats' }, '', unwanted);
  } finally {
    clearTimeout(timer);
    link.reset();
  }
}

/** Keeps connected, again where the line drops, until the program is gone or was left. */
async function stay(connection: Connection, participant: Participant, over: AbortController): Promise<void> {
  void participant.ended.then(() => over.abort());
  let isFirst = true;
  const hold = async (guest: Guest): Promise<void> => {
    if (!isFirst) participant.onConnected();
    isFirst = false;
    await unlessAborted(untilLost(guest), over.signal).catch(() => undefined);
  };
  participant.onConnected();
  await connection.use('driving the program', hold).catch(() => participant.interrupt());
  await participant.close();
  await connection.close();
}

/** Rejects once the connection is lost. */
function untilLost(guest: Guest): Promise<never> {
  return new Promise((_, reject) => {
    const lose = (): void => reject(lostError(guest));
    guest.lost.addEventListener('abort', lose, { once: true });
    if (guest.lost.aborted) lose();
  });
}

function lostError({ target }: Guest): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing: 'driving the program',
    target: target.name,
    what: 'the connection is gone',
  });
}

function notThere(error: unknown, target: string, port: number): unknown {
  if (!(error instanceof GclabError)) return error;
  const isSilent =
    error instanceof TunnelRefused && (error.why === 'nothing-listens' || error.why === 'not-connected');
  if (!isSilent && error.code !== 'guest-answer' && error.code !== 'request-refused') return error;
  return new GclabError({
    code: error.code,
    doing: `attaching to the program on port ${port} of its loopback`,
    target,
    what: isSilent
      ? 'nothing listens there'
      : 'what listens there does not answer as gcexp -interactive does',
    hint: `name its port with --port, start one there with: gcexp -interactive -listen 127.0.0.1:${port}; or leave out --attach`,
    cause: error,
  });
}
