import { whenAway, whenCatchingUp } from './away.js';
import { whenBusy } from './busy.js';
import { whenAsked, whenEnded, whenOver, whenStopping } from './ending.js';
import { common, FORGET, settleStep } from './moves.js';
import { whenIdle, whenOpening, whenStarting } from './starting.js';
import type { Event, Move, State, Subject } from './state.js';

/** Nothing is known yet; somebody else's program was found listening. */
export function firstState(subject: Subject): State {
  return { subject, next: 0, at: subject.kind === 'attached' ? 'idle' : 'starting' };
}

/**
 * Where a target is after an event, and what is to be done about it. Pure: what is done comes back as other events. Every state has a
 * way out: `quit` and `interrupt` lead to an end by deadlines alone, whatever the guest does.
 */
export function next(state: State, event: Event): Move {
  if (event.kind === 'closed') return close(state);
  switch (state.at) {
    case 'starting':
      return whenStarting(state, event);
    case 'opening':
      return whenOpening(state, event);
    case 'idle':
      return whenIdle(state, event);
    case 'busy':
      return whenBusy(state, event);
    case 'away':
      return whenAway(state, event);
    case 'catching-up':
      return whenCatchingUp(state, event);
    case 'asked':
      return whenAsked(state, event);
    case 'stopping':
      return whenStopping(state, event);
    case 'ended':
      return whenEnded(state, event);
    case 'left':
    case 'over':
      return whenOver(state, event);
  }
}

function close(state: State): Move {
  return {
    state: { ...common(state), at: 'over' },
    effects: [...settleStep(state, { kind: 'ended' }), FORGET],
  };
}
