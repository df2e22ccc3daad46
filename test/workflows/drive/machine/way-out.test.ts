import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstState, next } from '../../../../src/workflows/drive/machine/next.js';
import {
  deadlinesOf,
  type Event,
  type State,
  type Subject,
} from '../../../../src/workflows/drive/machine/state.js';
import {
  ADD,
  answered,
  answerWith,
  began,
  errorOf,
  LISTENING,
  NO_SESSION,
  sample,
  subjectOf,
  TRIAL_END,
  TRIAL_START,
  UNTIL,
  WAIT,
} from './events.js';

const KINDS = ['session', 'steps', 'attached'] as const;

/** Everything that may happen in a state, whether it should or not. */
function eventsOf(state: State): Event[] {
  const numbers = new Set([
    state.next - 1,
    numberIn(state),
    'step' in state ? numberIn(state.step ?? {}) : -1,
  ]);
  return [
    ...[TRIAL_START, LISTENING, TRIAL_END, sample(9)],
    ...[ADD, WAIT, UNTIL].map((step): Event => ({ kind: 'step', step })),
    ...(['connected', 'lost', 'opened', 'cancel', 'quit', 'interrupt', 'closed'] as const).map(
      (kind): Event => ({ kind }),
    ),
    ...[errorOf('tunnel-refused'), NO_SESSION].map((error): Event => ({ kind: 'not-opened', error })),
    ...[...numbers].flatMap((number): Event[] => [
      ...[began(number), answered(number), answered(number, 409)],
      ...[1, 9].map((numGC): Event => ({ kind: 'answer', number, answer: answerWith(numGC) })),
      ...(['program-gone', 'request-refused', 'connection-lost'] as const).map(
        (code): Event => ({ kind: 'failure', number, error: errorOf(code) }),
      ),
    ]),
    ...deadlinesOf(state).map(({ name }): Event => ({ kind: 'deadline', name })),
  ];
}

/** The request that a state, or a step, is about. */
function numberIn(one: object): number {
  if ('fence' in one) return Number(one.fence);
  return 'number' in one && one.number !== null ? Number(one.number) : -1;
}

/** Two states that differ in this only by how far they have counted are one. */
function nameOf(state: State): string {
  return JSON.stringify(state, (key, value: unknown) => {
    if (value instanceof Error) return value.message;
    // How far back a request is makes no difference beyond whether it is the last one.
    if (key === 'number' || key === 'fence')
      return typeof value === 'number' ? Math.min(2, state.next - value) : value;
    return key === 'next' ? 0 : value;
  });
}

function reachable(kind: Subject['kind']): State[] {
  const found = new Map<string, State>();
  const open = [firstState(subjectOf(kind))];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (found.has(nameOf(state))) continue;
    found.set(nameOf(state), state);
    for (const event of eventsOf(state)) open.push(next(state, event).state);
  }
  return [...found.values()];
}

/** How many deadlines pass until nothing is waited for any more, where the guest does nothing at all. */
function passUntilEnd(from: State, isEnd: (state: State) => boolean): number {
  let state = from;
  for (let passed = 0; passed < 10; passed += 1) {
    if (isEnd(state)) return passed;
    const [first] = deadlinesOf(state);
    if (first === undefined) throw new Error(`no way out of ${nameOf(state)}`);
    state = next(state, { kind: 'deadline', name: first.name }).state;
  }
  throw new Error(`no end in sight: ${nameOf(state)}`);
}

const isGivenUp = ({ at }: State): boolean => at === 'left' || at === 'over';
const hasEnded = (state: State): boolean => isGivenUp(state) || state.at === 'ended';

describe.each(KINDS)('every state that a %s can be in', (kind) => {
  const states = reachable(kind);

  it('is known', () => {
    const at = new Set(states.map((state) => state.at));
    expect(at.has('busy') && at.has('away') && at.has('left') && at.has('over')).toBe(true);
    expect(at.has('asked')).toBe(kind !== 'attached');
  });

  it('is left by an interruption and deadlines alone, whatever the guest does', () => {
    for (const state of states) {
      const interrupted = next(state, { kind: 'interrupt' }).state;
      expect(passUntilEnd(interrupted, isGivenUp)).toBeLessThanOrEqual(1);
    }
  });

  it('is left by a second interruption at the latest', () => {
    for (const state of states) {
      const once = next(state, { kind: 'interrupt' }).state;
      expect(isGivenUp(next(once, { kind: 'interrupt' }).state)).toBe(true);
    }
  });

  it('is left by quit and deadlines alone, whatever the guest does', () => {
    // Of a list of steps only the program is asked to end: its run has other trials. Of somebody else's nothing more is to be had.
    const isEnd = kind === 'session' ? isGivenUp : hasEnded;
    for (const state of states)
      expect(passUntilEnd(next(state, { kind: 'quit' }).state, isEnd)).toBeLessThanOrEqual(3);
  });

  it('ends the step under way when it is left', () => {
    for (const state of states) {
      const isBusy = 'step' in state && state.step !== null;
      const { effects } = next(state, { kind: 'interrupt' });
      expect(effects.filter((effect) => effect.do === 'settle')).toHaveLength(isBusy ? 1 : 0);
    }
  });
});

describe('whatever happens', () => {
  it('numbers only grow, and each step comes to one end', () => {
    const order = fc.array(fc.nat(), { maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), order, (kind, picks) => {
        let state = firstState(subjectOf(kind));
        let [last, asked, settled] = [-1, 0, 0];
        for (const pick of picks) {
          const events = eventsOf(state).filter(({ kind: what }) => what !== 'step' || asked === settled);
          const event = events[pick % events.length] as Event;
          if (event.kind === 'step') asked += 1;
          const move = next(state, event);
          for (const effect of move.effects) {
            if (effect.do === 'settle') settled += 1;
            if (effect.do !== 'send') continue;
            expect(effect.number).toBeGreaterThan(last);
            last = effect.number;
          }
          expect(settled).toBeLessThanOrEqual(asked);
          state = move.state;
        }
        const { effects } = next(state, { kind: 'closed' });
        settled += effects.filter((effect) => effect.do === 'settle').length;
        expect(settled).toBe(asked);
      }),
      { numRuns: 500 },
    );
  });
});
