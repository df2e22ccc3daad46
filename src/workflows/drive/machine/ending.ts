import { GclabError } from '../../../errors.js';
import { type Deadline, type DeadlineName, deadline, notWithin } from './deadlines.js';
import { end, FORGET, interrupt, isEnd, leave, send, settle, stay, stop, tell } from './moves.js';
import type { Event, Move, StateAt, Subject } from './state.js';

type Asked = StateAt<'asked'>;
type Stopping = StateAt<'stopping'>;

/** The program was asked to end, or will be once the line is up. */
export function whenAsked(state: Asked, event: Event): Move {
  switch (event.kind) {
    case 'connected':
      return {
        state: { ...state, next: state.next + 1, number: state.next },
        effects: [send({ do: 'quit' }, state.next)],
      };
    case 'lost':
      return { state: { ...state, number: null }, effects: [FORGET, tell('lost')] };
    case 'answer':
      return event.number === state.number
        ? { state: { ...state, deadline: deadline('exit') }, effects: [] }
        : stay(state);
    // Its connection may close because it ends: the journal tells, or the deadline.
    case 'failure':
      return event.number === state.number && event.error.code === 'request-refused'
        ? stop(state, event.error)
        : stay(state);
    case 'line':
      return isEnd(event.line) ? end(state, state.subject.kind === 'session') : stay(state);
    case 'deadline':
      return stop(state, didNotEnd(state.subject, state.deadline));
    case 'step':
      return refuse(state);
    case 'quit':
      return stop(state, didNotEnd(state.subject, state.deadline));
    case 'interrupt':
      return interrupt(state);
    default:
      return stay(state);
  }
}

/** The supervisor was told to stop the run. */
export function whenStopping(state: Stopping, event: Event): Move {
  switch (event.kind) {
    case 'line':
      return isEnd(event.line) && !state.hasEnded
        ? // It listens, and has some more to write. That is believed once.
          { state: { ...state, hasEnded: true, deadline: deadline('finish') }, effects: [tell('ended')] }
        : stay(state);
    case 'deadline':
    case 'quit':
    case 'interrupt':
      return leave(state, state.error);
    case 'step':
      return refuse(state);
    default:
      return stay(state);
  }
}

/** The program is gone; the run may go on with another trial, or come to its end. */
export function whenEnded(state: StateAt<'ended'>, event: Event): Move {
  switch (event.kind) {
    case 'line':
      return event.line.type === 'trial-start'
        ? { state: { subject: state.subject, next: state.next, at: 'starting' }, effects: [] }
        : stay(state);
    case 'quit':
      return state.subject.kind === 'session' && state.deadline === null
        ? { state: { ...state, deadline: deadline('finish') }, effects: [] }
        : stay(state);
    case 'deadline':
      return state.deadline === null ? stay(state) : stop(state, didNotEnd(state.subject, state.deadline));
    case 'interrupt':
      return interrupt(state);
    case 'step':
      return refuse(state);
    default:
      return stay(state);
  }
}

/** Nobody waits any more. */
export function whenOver(state: StateAt<'left' | 'over'>, event: Event): Move {
  return event.kind === 'step' ? refuse(state) : stay(state);
}

function refuse(state: StateAt<'asked' | 'stopping' | 'ended' | 'left' | 'over'>): Move {
  return { state, effects: [settle({ kind: 'ended' })] };
}

function didNotEnd({ target }: Subject, { name }: Deadline<DeadlineName>): GclabError {
  return new GclabError({
    code: 'remote-timeout',
    doing: 'ending the program',
    target,
    what: `${notWithin(name)}: the run was stopped`,
    hint: 'look at the log of the program in the folder of the results',
  });
}
