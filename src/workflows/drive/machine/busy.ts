import { GclabError } from '../../../errors.js';
import { type Deadline, deadline, notWithin } from './deadlines.js';
import {
  end,
  FORGET,
  interrupt,
  interrupted,
  isEnd,
  quit,
  send,
  settle,
  stay,
  toAway,
  toIdle,
} from './moves.js';
import type { Event, Move, StateAt, StepOutcome, UnderWay, UntilUnderWay } from './state.js';
import { isMet, notMet } from './until.js';

type Busy = StateAt<'busy'>;
type LineEvent = Extract<Event, { kind: 'line' }>;
type RequestUnderWay = Extract<UnderWay, { kind: 'request' }>;

/** A pause before somebody else's program is asked again: asking costs the guest something. */
const ASK_AGAIN_MS = 100;

/** A step is under way. */
export function whenBusy(state: Busy, event: Event): Move {
  switch (event.kind) {
    case 'line':
      return onLine(state, event);
    case 'answer':
      return event.number === numberOf(state.step) ? onAnswer(state, event.answer) : stay(state);
    case 'failure':
      return event.number === numberOf(state.step) ? onFailure(state, event.error) : stay(state);
    case 'deadline':
      return onDeadline(state, event.name);
    case 'cancel':
      return over(state, { kind: 'failed', error: interrupted(state, 'waiting') });
    case 'lost':
      return toAway(state, state.step, false);
    case 'quit':
      return quit(state, true);
    case 'interrupt':
      return interrupt(state);
    default:
      return stay(state);
  }
}

/** The number of the request that the step is, or looks with. */
function numberOf(step: UnderWay): number | null {
  return step.kind === 'wait' ? null : step.number;
}

/** The step came to its end. */
function over(state: Busy, outcome: StepOutcome): Move {
  return toIdle(state, outcome.kind === 'failed' ? [FORGET, settle(outcome)] : [settle(outcome)]);
}

function onLine(state: Busy, { line, own, now }: LineEvent): Move {
  const { step } = state;
  if (isEnd(line)) return end(state, false);
  if (step.kind === 'until') return onNews(state, step, own === step.number && line.type === 'request', now);
  if (step.kind !== 'request' || own !== step.number) return stay(state);
  if (line.type === 'begin') return { state: { ...state, step: { ...step, begun: true } }, effects: [] };
  if (line.type !== 'request' || step.awaits === 'answer') return stay(state);
  return line.status === 200
    ? over(state, { kind: 'done', answer: null })
    : over(state, { kind: 'failed', error: step.error ?? refused(state, step, line.status) });
}

/** A figure is looked at from the moment on that the journal has the first look: what was sampled before is old. */
function onNews(state: Busy, step: UntilUnderWay, isOwn: boolean, now: LineEvent['now']): Move {
  const seen = step.seen || isOwn;
  const looking = { ...step, seen, latest: seen ? now : step.latest };
  if (step.answer === null || !seen || !isMet(step.step, now))
    return { state: { ...state, step: looking }, effects: [] };
  const answer = { heap: now.heap ?? step.answer.heap, figures: { usageBytes: now.usageBytes } };
  return over(state, { kind: 'done', answer });
}

function onAnswer(state: Busy, answer: Extract<Event, { kind: 'answer' }>['answer']): Move {
  const { step } = state;
  if (step.kind !== 'until' || isMet(step.step, nowOf(answer))) return over(state, { kind: 'done', answer });
  // The time runs from the first answer on.
  const within =
    step.deadline?.name === 'until' ? step.deadline : ({ name: 'until', ms: step.step.withinMs } as const);
  const looking = { ...step, answer, latest: nowOf(answer), deadline: within };
  if (state.subject.kind !== 'attached') return { state: { ...state, step: looking }, effects: [] };
  return {
    state: { ...state, next: state.next + 1, step: { ...looking, number: state.next } },
    effects: [send({ do: 'stats' }, state.next, ASK_AGAIN_MS)],
  };
}

function nowOf({ heap, figures }: Extract<Event, { kind: 'answer' }>['answer']): LineEvent['now'] {
  return { heap, usageBytes: figures['usageBytes'] ?? null };
}

/** A connection that closed says little: the journal knows whether the program ended. */
function onFailure(state: Busy, error: GclabError): Move {
  const { step, subject } = state;
  const hasJournal = subject.kind !== 'attached';
  if (!hasJournal && GONE.has(error.code)) return end(state, false);
  if (!hasJournal || step.kind === 'wait' || !CLOSED.has(error.code))
    return over(state, { kind: 'failed', error });
  const doubtful = { error, deadline: deadline('end-shows') };
  if (step.kind === 'request')
    return { state: { ...state, step: { ...step, ...doubtful, awaits: 'journal' } }, effects: [] };
  return step.answer === null
    ? { state: { ...state, step: { ...step, ...doubtful } }, effects: [] }
    : stay(state);
}

function onDeadline(state: Busy, name: Deadline['name']): Move {
  const { step, subject } = state;
  switch (name) {
    case 'wait':
      return over(state, { kind: 'done', answer: null });
    case 'until':
      return step.kind === 'until'
        ? over(state, { kind: 'failed', error: notMet(step.step, subject.target, step.latest) })
        : stay(state);
    case 'end-shows':
    case 'answer': {
      const known = step.kind === 'wait' ? null : step.error;
      return over(state, { kind: 'failed', error: known ?? unanswered(state, name) });
    }
    default:
      return stay(state);
  }
}

/** How it looks that a connection closed, or that none can be had. */
const CLOSED = new Set<string>(['program-gone', 'tunnel-refused', 'connection-lost', 'guest-answer']);

/** It answered before. */
const GONE = new Set<string>(['program-gone', 'tunnel-refused']);

function unanswered({ subject }: Busy, name: 'answer' | 'end-shows'): GclabError {
  return new GclabError({
    code: 'remote-timeout',
    doing: 'asking the program',
    target: subject.target,
    what: notWithin(name),
    hint: 'quit ends the run, whether the program answers or not',
  });
}

function refused({ subject }: Busy, { call }: RequestUnderWay, status: number): GclabError {
  return new GclabError({
    code: 'request-refused',
    doing: `asking /${call.do}`,
    target: subject.target,
    what: `status ${status}`,
  });
}
