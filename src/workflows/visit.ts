import { GclabError } from '../errors.js';
import { binaryFor } from '../experiment/binary.js';
import { locate } from '../experiment/guest-folder.js';
import type { Target } from '../model.js';
import { TunnelRefused } from '../transport/tunnel-refused.js';
import type { Driving } from './driving.js';
import { connectPhase, dial } from './each-target.js';
import { type OpenClient, openClient } from './open-client.js';
import { Phases } from './phases.js';
import type { RunRequest } from './run-request.js';
import { VisitedSeat } from './visited-seat.js';

/** Programs of somebody else, and the hard limit that the first of them says it has, in bytes. */
export interface Visiting extends Driving {
  readonly limitBytes: number;
}

/**
 * Goes to programs that serve on `settings.port` of each guest's loopback, whoever started them. Rejects where one cannot be
 * reached or does not answer as the experiment does; leaves them running, and the guests as they were.
 */
export async function visit(request: RunRequest): Promise<Visiting> {
  const visits = await allOrNone(request.targets.map((target) => visitOne(target, request)));
  const seats = visits.map(({ seat }) => seat);
  const left = Promise.all(seats.map(({ ended }) => ended));
  const ended = left.then(async () => {
    await Promise.all(visits.map(({ close }) => close()));
    return null;
  });
  return { seats, listening: Promise.resolve(), ended, limitBytes: visits[0]?.limitBytes ?? 0 };
}

async function allOrNone(attempts: readonly Promise<Visit>[]): Promise<Visit[]> {
  const settled = await Promise.allSettled(attempts);
  const visits = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return visits;
  await Promise.all(visits.map(({ close }) => close()));
  throw failed.reason;
}

interface Visit {
  readonly seat: VisitedSeat;
  readonly limitBytes: number;
  readonly close: () => Promise<void>;
}

async function visitOne(target: Target, request: RunRequest): Promise<Visit> {
  const phases = new Phases(target.name, request.listener);
  let guest = await connectPhase(target, request, phases);
  // Where forwarding is forbidden, a gcexp that is there already makes the bridge; nothing is put there for a visit.
  const { sha256 } = await binaryFor('amd64', request.dist);
  const folder = await locate(guest, sha256, request.guestDir);
  const seat = {
    target: target.name,
    settings: request.settings,
    phases,
    guest: () => guest,
    folder: () => folder,
    signal: request.signal,
  };
  const never = new AbortController().signal;
  const openAnew = (): OpenClient => openClient(seat, request.settings.port, never);
  let open = openAnew();
  const reopened = async (signal: AbortSignal): Promise<OpenClient> => {
    if (!guest.lost.aborted) return open;
    open.close();
    guest = await dial(target, request, signal);
    open = openAnew();
    phases.note('connected again; what happened there meanwhile is not known');
    return open;
  };
  const close = async (): Promise<void> => {
    open.close();
    await guest.close();
  };
  try {
    const first = await open.client.stats();
    return { seat: new VisitedSeat(target.name, first, reopened), limitBytes: first.limitBytes, close };
  } catch (error) {
    await close();
    throw notThere(error, target.name, request.settings.port);
  }
}

function notThere(error: unknown, target: string, port: number): unknown {
  if (!(error instanceof GclabError)) return error;
  const isSilent = error instanceof TunnelRefused && error.why === 'nothing-listens';
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
