import { type ErrorCode, GclabError } from '../../../../src/errors.js';
import type { Answer } from '../../../../src/experiment/client.js';
import type { PlainStep, Size } from '../../../../src/experiment/steps/step.js';
import type { Heap, JournalLine } from '../../../../src/journal/schema.js';
import { TunnelRefused } from '../../../../src/transport/tunnel/tunnel-refused.js';
import type { Deadline } from '../../../../src/workflows/drive/machine/deadlines.js';
import { firstState, next } from '../../../../src/workflows/drive/machine/next.js';
import type {
  Effect,
  Event,
  State,
  StepOutcome,
  Subject,
} from '../../../../src/workflows/drive/machine/state.js';

export const ADD: PlainStep<Size> = { do: 'add', amount: { bytes: 4_096 } };
export const WAIT: PlainStep<Size> = { do: 'wait', ms: 700 };
export const UNTIL: PlainStep<Size> = {
  do: 'until',
  condition: { metric: 'numGC', is: '>', than: { bytes: 4 } },
  withinMs: 900,
};

export function subjectOf(kind: Subject['kind']): Subject {
  return { target: 'guest', kind, hint: 'gclab remote attach DIR' };
}

export function heapWith(numGC: number): Heap {
  const heap = { allocBytes: 1, inUseBytes: null, idleBytes: null, releasedBytes: null, sysBytes: null };
  return { ...heap, nextGCBytes: null, numGC };
}

export function answerWith(numGC: number): Answer {
  return { heap: heapWith(numGC), figures: {} };
}

export function errorOf(code: ErrorCode): GclabError {
  return new GclabError({ code, doing: 'asking', what: code });
}

export const NO_SESSION = new TunnelRefused('guest', 1, 'no-session', new Error('none'));

const TRIAL = { t: 1, trial: 1 } as const;
const COUNTERS = {
  ...{ usageBytes: null, peakBytes: null, oom: null },
  ...{ oomKill: null, oomLocal: null, failcnt: null },
};

function lineEvent(line: JournalLine, own: number | null = null, numGC = 0): Event {
  return { kind: 'line', line, own, now: { heap: heapWith(numGC), usageBytes: null } };
}

export const LISTENING = lineEvent({ ...TRIAL, type: 'listening', address: '127.0.0.1:4321' });
export const TRIAL_START = lineEvent({
  ...TRIAL,
  type: 'trial-start',
  cgroup: '',
  limitBytes: 1,
  counters: COUNTERS,
});
export const TRIAL_END = lineEvent({
  ...{ ...TRIAL, type: 'trial-end', exit: { code: 0, signal: null }, counters: COUNTERS },
  ...{
    peakBytes: null,
    durationUs: 1,
    lastStep: null,
    verdict: 'survived',
    reason: '',
    remark: null,
    load: null,
  },
});

/** A sample of the heap. */
export function sample(numGC: number): Event {
  return lineEvent({ ...TRIAL, type: 'heap', heap: heapWith(numGC) }, null, numGC);
}

export function began(number: number): Event {
  return lineEvent({ ...TRIAL, type: 'begin', step: 'add', bytes: 0, number: null, key: '' }, number);
}

export function answered(number: number, status = 200): Event {
  const line = { ...TRIAL, type: 'request', route: '/add', bytes: 0, key: '', durationUs: 1 } as const;
  return lineEvent({ ...line, status, heap: heapWith(0) }, number);
}

export function passed(name: Deadline['name']): Event {
  return { kind: 'deadline', name };
}

/** A machine that remembers what it asked for. */
export class Driven {
  state: State;
  effects: Effect[] = [];

  constructor(kind: Subject['kind'], ...events: Event[]) {
    this.state = firstState(subjectOf(kind));
    this.on(...events);
    this.effects = [];
  }

  on(...events: Event[]): this {
    for (const event of events) {
      const move = next(this.state, event);
      this.state = move.state;
      this.effects.push(...move.effects);
    }
    return this;
  }

  /** `add#0`, in the order they were sent. */
  get sent(): string[] {
    return this.effects.flatMap((one) => (one.do === 'send' ? [`${one.call.do}#${one.number}`] : []));
  }

  get settled(): StepOutcome[] {
    return this.effects.flatMap((one) => (one.do === 'settle' ? [one.outcome] : []));
  }

  get told(): string[] {
    return this.effects.flatMap((one) => (one.do === 'tell' ? [one.notice] : []));
  }
}

/** A program of ours that listens, with nothing under way. */
export function listening(kind: 'session' | 'steps' = 'session'): Driven {
  return new Driven(kind, { kind: 'connected' }, LISTENING, { kind: 'opened' });
}
