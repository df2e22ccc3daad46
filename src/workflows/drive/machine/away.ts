import { deadline } from './deadlines.js';
import {
  begin,
  common,
  end,
  interrupt,
  interrupted,
  isEnd,
  quit,
  send,
  settle,
  stay,
  tell,
  toAway,
  toIdle,
} from './moves.js';
import type {
  Effect,
  Event,
  Later,
  Move,
  State,
  StateAt,
  StepOutcome,
  UnderWay,
  UntilUnderWay,
} from './state.js';
import { notMet } from './until.js';

type Away = StateAt<'away'>;
type CatchingUp = StateAt<'catching-up'>;
type LineEvent = Extract<Event, { kind: 'line' }>;

/** The line is down. */
export function whenAway(state: Away, event: Event): Move {
  switch (event.kind) {
    case 'connected':
      return isAttached(state) ? arrive(state, state.step) : catchUp(state);
    case 'line':
      return isEnd(event.line) ? end(state, false) : stay(state);
    case 'quit':
      return quit(state, false);
    default:
      return whenEither(state, event);
  }
}

/** The line is up again; the journal brings what happened, up to a request of our own. */
export function whenCatchingUp(state: CatchingUp, event: Event): Move {
  switch (event.kind) {
    case 'line':
      return onLine(state, event);
    case 'lost':
      return toAway(state, state.step, state.isNew);
    case 'deadline':
      // Some of what happened may be missing: better than to wait for ever.
      return event.name === 'catch-up' ? arrive(state, state.step) : whenEither(state, event);
    case 'quit':
      return quit(state, true);
    default:
      return whenEither(state, event);
  }
}

function whenEither(state: Away | CatchingUp, event: Event): Move {
  const { step, subject } = state;
  const over = (outcome: StepOutcome): Move => ({
    state: { ...state, step: null },
    effects: [settle(outcome)],
  });
  switch (event.kind) {
    // One that came before somebody saw that the line is down: it is begun once the line is up.
    case 'step':
      return { state: { ...state, step: { kind: 'later', step: event.step } }, effects: [] };
    case 'cancel':
      return step === null ? stay(state) : over({ kind: 'failed', error: interrupted(state, 'waiting') });
    case 'deadline':
      if (event.name === 'wait') return over({ kind: 'done', answer: null });
      if (event.name === 'until' && step?.kind === 'until')
        return over({ kind: 'failed', error: notMet(step.step, subject.target, step.latest) });
      return stay(state);
    case 'interrupt':
      return interrupt(state);
    default:
      return stay(state);
  }
}

function isAttached({ subject }: State): boolean {
  return subject.kind === 'attached';
}

function catchUp(state: Away): Move {
  const { subject, next, step, isNew } = state;
  return {
    state: {
      ...{ subject, next: next + 1, at: 'catching-up', step, isNew },
      ...{ fence: next, deadline: deadline('catch-up') },
    },
    effects: [send({ do: 'stats' }, next)],
  };
}

function onLine(state: CatchingUp, { line, own }: LineEvent): Move {
  if (isEnd(line)) return end(state, false);
  if (own === null) return stay(state);
  const { step, fence } = state;
  if (own === fence) {
    if (line.type === 'request') return arrive(state, step);
    // What did not begin before a later request never will: the program sees to that.
    return line.type === 'begin' && step?.kind === 'request' && !step.begun
      ? { state: { ...state, step: { kind: 'later', step: step.call } }, effects: [] }
      : stay(state);
  }
  if (step?.kind !== 'request' || own !== step.number) return stay(state);
  if (line.type === 'begin') return { state: { ...state, step: { ...step, begun: true } }, effects: [] };
  if (line.type !== 'request') return stay(state);
  return line.status === 200
    ? { state: { ...state, step: null }, effects: [settle({ kind: 'done', answer: null })] }
    : { state: { ...state, step: { kind: 'later', step: step.call } }, effects: [] };
}

/** Goes on where the line dropped. */
function arrive(state: Away | CatchingUp, step: UnderWay | Later | null): Move {
  const told: Effect[] = [tell(state.isNew ? 'listening' : 'back')];
  if (step === null) return toIdle(state, told);
  const move = resume(state, step);
  return { ...move, effects: [...told, ...move.effects] };
}

function resume(state: Away | CatchingUp, step: UnderWay | Later): Move {
  switch (step.kind) {
    case 'later':
      return begin(state, step.step);
    case 'until':
      if (step.answer === null) return begin(state, step.step);
      // Everything that the journal had before is here.
      return isAttached(state) ? lookAgain(state, step) : busy(state, { ...step, seen: true });
    case 'request':
      return busy(state, { ...step, deadline: deadline('answer') });
    case 'wait':
      return busy(state, step);
  }
}

function lookAgain(state: Away | CatchingUp, step: UntilUnderWay): Move {
  const { subject, next } = state;
  return {
    state: { subject, next: next + 1, at: 'busy', step: { ...step, number: next } },
    effects: [send({ do: 'stats' }, next)],
  };
}

function busy(state: State, step: UnderWay): Move {
  return { state: { ...common(state), at: 'busy', step }, effects: [] };
}
