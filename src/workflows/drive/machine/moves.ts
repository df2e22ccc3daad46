import { GclabError } from '../../../errors.js';
import type { Call } from '../../../experiment/client.js';
import type { PlainStep, Size } from '../../../experiment/steps/step.js';
import type { JournalLine } from '../../../journal/schema.js';
import { deadline, notWithin } from './deadlines.js';
import type { Effect, Later, Move, Notice, State, StepOutcome, UnderWay } from './state.js';

/** What is the same in every state. */
export function common({ subject, next }: State): Pick<State, 'subject' | 'next'> {
  return { subject, next };
}

export function stay(state: State): Move {
  return { state, effects: [] };
}

export function send(call: Call, number: number, afterMs = 0): Effect {
  return { do: 'send', call, number, afterMs };
}

export function tell(notice: Notice): Effect {
  return { do: 'tell', notice };
}

export function settle(outcome: StepOutcome): Effect {
  return { do: 'settle', outcome };
}

export const FORGET: Effect = { do: 'forget' };

export function interrupted({ subject }: State, doing: string): GclabError {
  return new GclabError({ code: 'interrupted', doing, target: subject.target, what: 'interrupted' });
}

/** The step under way, if there is one, came to this. */
export function settleStep(state: State, outcome: StepOutcome): Effect[] {
  return 'step' in state && state.step !== null ? [settle(outcome)] : [];
}

/** Begins a step where none is under way. */
export function begin(state: State, step: PlainStep<Size>): Move {
  const { subject, next: number } = state;
  const busy = (underWay: UnderWay, next: number): State => ({ subject, next, at: 'busy', step: underWay });
  switch (step.do) {
    case 'wait': {
      const waiting = { kind: 'wait', deadline: { name: 'wait', ms: step.ms } } as const;
      return { state: busy(waiting, number), effects: [] };
    }
    case 'until': {
      const looking = { kind: 'until', step, number, answer: null, seen: false, latest: null } as const;
      return {
        state: busy({ ...looking, error: null, deadline: deadline('answer') }, number + 1),
        effects: [send({ do: 'stats' }, number)],
      };
    }
    default: {
      const asking = { kind: 'request', call: step, number, begun: false, awaits: 'answer' } as const;
      return {
        state: busy({ ...asking, error: null, deadline: deadline('answer') }, number + 1),
        effects: [send(step, number)],
      };
    }
  }
}

/** The program can be asked, and no step is under way. */
export function toIdle(state: State, effects: readonly Effect[]): Move {
  return { state: { ...common(state), at: 'idle' }, effects };
}

/** The line is down. Of a request that is outstanding the journal will tell; without a journal nobody knows. */
export function toAway(state: State, step: UnderWay | Later | null, isNew: boolean): Move {
  const away = { ...common(state), at: 'away', isNew } as const;
  if (step?.kind !== 'request') return { state: { ...away, step }, effects: [FORGET, tell('lost')] };
  if (state.subject.kind !== 'attached') {
    const kept = { ...step, awaits: 'journal', error: null, deadline: null } as const;
    return { state: { ...away, step: kept }, effects: [FORGET, tell('lost')] };
  }
  const outcome = { kind: 'failed', error: notKnown(state) } as const;
  return { state: { ...away, step: null }, effects: [FORGET, settle(outcome), tell('lost')] };
}

function notKnown({ subject }: State): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing: 'asking the program',
    target: subject.target,
    what: 'the line dropped, and without a journal nobody knows whether it was done',
    hint: 'stats shows what the program holds',
  });
}

/** Asks the program to end. `isUp`: whether it can be asked now. A program of somebody else's is left as it is. */
export function quit(state: State, isUp: boolean): Move {
  const { subject, next } = state;
  if (subject.kind === 'attached') return leave(state, null);
  const stopped = settleStep(state, { kind: 'failed', error: interrupted(state, 'waiting') });
  const within = deadline(subject.kind === 'session' ? 'quit-session' : 'quit-steps');
  return {
    state: {
      subject,
      next: isUp ? next + 1 : next,
      at: 'asked',
      number: isUp ? next : null,
      deadline: within,
    },
    effects: [...stopped, FORGET, ...(isUp ? [send({ do: 'quit' }, next)] : []), tell('asked')],
  };
}

/** Has the supervisor stop the run, or leaves a program that is somebody else's. */
export function stop(state: State, error: GclabError): Move {
  if (state.subject.kind === 'attached') return leave(state, error);
  return {
    state: {
      ...common(state),
      at: 'stopping',
      error,
      hasEnded: state.at === 'ended',
      deadline: deadline('stop'),
    },
    effects: [
      ...settleStep(state, { kind: 'failed', error }),
      FORGET,
      { do: 'stop', error },
      tell('stopping'),
    ],
  };
}

export function interrupt(state: State): Move {
  return stop(state, interrupted(state, 'driving the program'));
}

/** Waits no longer. */
export function leave(state: State, error: GclabError | null): Move {
  const { subject } = state;
  const because = error ?? interrupted(state, 'waiting');
  return {
    state: { ...common(state), at: 'left' },
    effects: [
      ...settleStep(state, { kind: 'failed', error: because }),
      FORGET,
      { do: 'leave', error: subject.kind === 'attached' ? because : leftBehind(state, because) },
      tell('left'),
    ],
  };
}

function leftBehind({ subject }: State, { code }: GclabError): GclabError {
  return new GclabError({
    code: code === 'interrupted' ? code : 'remote-timeout',
    doing: 'stopping the run',
    target: subject.target,
    what: `${notWithin('stop')}: it was left on the guest`,
    hint: subject.hint,
  });
}

/** Whether with this line the program is gone. */
export function isEnd({ type }: JournalLine): boolean {
  return type === 'trial-end' || type === 'end';
}

/** The program is gone. */
export function end(state: State, isToFinish: boolean): Move {
  return {
    state: { ...common(state), at: 'ended', deadline: isToFinish ? deadline('finish') : null },
    effects: [...settleStep(state, { kind: 'ended' }), FORGET, tell('ended')],
  };
}
