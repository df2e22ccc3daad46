import type { RunDocument } from '../results/run-folder.js';
import { Deferred } from './deferred.js';
import { DrivenSeat, type SeatEvent } from './driven-seat.js';
import type { RunRequest } from './run-request.js';
import type { SessionSeat } from './session-seat.js';

/** Programs under way, driven from here. */
export interface Driving {
  /** The targets that listen or did, in the order of the targets. */
  readonly seats: readonly SessionSeat[];
  /** Resolves once every target listens, or will not. */
  readonly listening: Promise<void>;
  /**
   * The run's document, once everything is collected; never rejects for what goes wrong on a target. Null where the programs
   * were somebody else's: then there is no journal, and no verdict.
   */
  readonly ended: Promise<RunDocument | null>;
}

/** Begins a run, or goes on with one, whose requests come from a session. `begin` is `run` or `attach`. */
export function startDriving(
  request: RunRequest,
  begin: (request: RunRequest) => Promise<RunDocument>,
  tell: (event: SeatEvent) => void,
): Driving {
  const seats = new Map<string, DrivenSeat>();
  const settled = new Map(request.targets.map(({ name }) => [name, new Deferred<void>()]));
  const ended = begin({
    ...request,
    driver: (seat) => {
      const driven = new DrivenSeat(seat, tell);
      seats.set(seat.target, driven);
      void driven.listening.then(() => settled.get(seat.target)?.resolve());
      return driven;
    },
    listener: (event) => {
      if (event.kind === 'target-ended') settled.get(event.target)?.resolve();
      request.listener(event);
    },
  });
  const all = Promise.all([...settled.values()].map(({ promise }) => promise));
  return {
    get seats() {
      return request.targets.flatMap(({ name }) => seats.get(name) ?? []);
    },
    listening: Promise.race([all, ended]).then(() => undefined),
    ended,
  };
}
