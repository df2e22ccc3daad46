import { Deferred } from '../../concurrency/deferred.js';
import type { RunDocument } from '../../results/run-folder.js';
import type { RunRequest } from '../run/request.js';
import type { DrivenTarget } from './driver.js';
import { Participant, type ParticipantEvent } from './participant.js';
import { programLink } from './program-link.js';

/** Programs under way, driven from here. */
export interface Driving {
  /** The targets that listen or did, in the order of the targets. */
  readonly participants: readonly Participant[];
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
  tell: (event: ParticipantEvent) => void,
): Driving {
  const participants = new Map<string, Participant>();
  const settled = new Map(request.targets.map(({ id }) => [id, new Deferred<void>()]));
  const participantOf = (target: DrivenTarget): Participant =>
    new Participant({
      subject: { target: target.name, kind: 'session', hint: target.hint },
      link: programLink(target),
      guest: target.guest,
      signal: target.signal,
      tell,
    });
  const ended = begin({
    ...request,
    driver: (target) => {
      const participant = participantOf(target);
      participants.set(target.id, participant);
      void participant.listening.then(() => settled.get(target.id)?.resolve());
      return participant;
    },
    listener: (event) => {
      if (event.kind === 'target-ended') settled.get(event.target)?.resolve();
      request.listener(event);
    },
  });
  const all = Promise.all([...settled.values()].map(({ promise }) => promise));
  return {
    get participants() {
      return request.targets.flatMap(({ id }) => participants.get(id) ?? []);
    },
    listening: Promise.race([all, ended]).then(() => undefined),
    ended,
  };
}
