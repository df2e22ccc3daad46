import { GclabError } from '../../../errors.js';
import { TunnelRefused } from '../../../transport/tunnel/tunnel-refused.js';
import { deadline, notWithin } from './deadlines.js';
import {
  begin,
  common,
  end,
  interrupt,
  interrupted,
  isEnd,
  quit,
  settle,
  stay,
  stop,
  tell,
  toAway,
  toIdle,
} from './moves.js';
import type { Event, Move, State, StateAt } from './state.js';

/** No program listens yet. */
export function whenStarting(state: StateAt<'starting'>, event: Event): Move {
  switch (event.kind) {
    case 'line':
      if (event.line.type === 'listening') return open(state, portOf(event.line.address));
      return isEnd(event.line) ? end(state, false) : stay(state);
    case 'step':
      return { state, effects: [settle({ kind: 'failed', error: notListening(state) })] };
    // There is nobody yet to be asked.
    case 'quit':
      return stop(state, interrupted(state, 'starting the program'));
    case 'interrupt':
      return interrupt(state);
    default:
      return stay(state);
  }
}

/** It listens, and the way to it is being opened. */
export function whenOpening(state: StateAt<'opening'>, event: Event): Move {
  switch (event.kind) {
    // The line may have dropped before this was read.
    case 'connected':
      return open(state, state.port);
    case 'opened':
      return toIdle(state, [tell('listening')]);
    case 'not-opened':
      return mayHaveEnded(event.error)
        ? { state: { ...state, error: event.error, deadline: deadline('end-shows') }, effects: [] }
        : stop(state, event.error);
    case 'deadline':
      return stop(state, state.error ?? notOpened(state));
    case 'lost':
      return toAway(state, null, true);
    case 'line':
      return isEnd(event.line) ? end(state, false) : stay(state);
    case 'step':
      return { state, effects: [settle({ kind: 'failed', error: notListening(state) })] };
    case 'quit':
      return quit(state, true);
    case 'interrupt':
      return interrupt(state);
    default:
      return stay(state);
  }
}

/** It can be asked, and nothing is under way. */
export function whenIdle(state: StateAt<'idle'>, event: Event): Move {
  switch (event.kind) {
    case 'step':
      return begin(state, event.step);
    case 'line':
      return isEnd(event.line) ? end(state, false) : stay(state);
    case 'lost':
      return toAway(state, null, false);
    case 'quit':
      return quit(state, true);
    case 'interrupt':
      return interrupt(state);
    default:
      return stay(state);
  }
}

function open(state: State, port: number): Move {
  return {
    state: { ...common(state), at: 'opening', port, error: null, deadline: deadline('open') },
    effects: [{ do: 'open', port }],
  };
}

/** Where a trial says that it listens: on a guest that chose the port itself, only this tells. */
function portOf(address: string): number {
  return Number(/:(\d{1,5})$/.exec(address)?.[1] ?? 0);
}

/** Where the server does not even try, the program cannot be asked, whether it lives or not. */
function mayHaveEnded(error: GclabError): boolean {
  return !(error instanceof TunnelRefused) || (error.why !== 'forbidden' && error.why !== 'no-session');
}

function notListening({ subject }: StateAt<'starting' | 'opening'>): GclabError {
  return new GclabError({
    code: 'step-failed',
    doing: 'doing a step',
    target: subject.target,
    what: 'the program does not listen yet',
  });
}

function notOpened({ subject }: StateAt<'opening'>): GclabError {
  return new GclabError({
    code: 'remote-timeout',
    doing: 'reaching the program',
    target: subject.target,
    what: notWithin('open'),
    hint: 'check that its server forwards TCP connections to the loopback (AllowTcpForwarding local)',
  });
}
