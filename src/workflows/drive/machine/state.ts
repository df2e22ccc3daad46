import type { GclabError } from '../../../errors.js';
import type { Answer, Call } from '../../../experiment/client.js';
import type { PlainStep, Size } from '../../../experiment/steps/step.js';
import type { Heap, JournalLine } from '../../../journal/schema.js';
import type { Deadline, DeadlineName } from './deadlines.js';

/** What stays the same while a program is driven. */
export interface Subject {
  readonly target: string;
  /**
   * `session`: a run of ours, and somebody waits. `steps`: a run of ours whose steps come from a list. `attached`: a program that
   * somebody else started; it has no journal here and is left running.
   */
  readonly kind: 'session' | 'steps' | 'attached';
  /** What to type to get a run that was left on the guest. */
  readonly hint: string;
}

/** The step that is being done. */
export type UnderWay =
  | {
      readonly kind: 'request';
      readonly call: Exclude<Call, { do: 'quit' }>;
      readonly number: number;
      /** The journal has its beginning. */
      readonly begun: boolean;
      /** Where its end is to come from: the line may drop while it is outstanding. */
      readonly awaits: 'answer' | 'journal';
      /** Its connection closed, which says little: the journal will tell. */
      readonly error: GclabError | null;
      readonly deadline: Deadline | null;
    }
  | { readonly kind: 'wait'; readonly deadline: Deadline }
  | UntilUnderWay;

export interface UntilUnderWay {
  readonly kind: 'until';
  readonly step: Extract<PlainStep<Size>, { do: 'until' }>;
  /** The request with which it looks. */
  readonly number: number;
  /** What that was answered; null while it is outstanding. */
  readonly answer: Answer | null;
  /** The journal has that request: what it says from now on is news. */
  readonly seen: boolean;
  readonly latest: Now | null;
  /** As of a request. */
  readonly error: GclabError | null;
  readonly deadline: Deadline | null;
}

/** A step that is to be begun once the line is up: it never came, or was not sent. */
export interface Later {
  readonly kind: 'later';
  readonly step: PlainStep<Size>;
}

interface Common {
  readonly subject: Subject;
  /** The number of the next request. */
  readonly next: number;
}

/** Where a target is: the program's life, the line to it and the step under way. */
export type State = Common &
  (
    | { readonly at: 'starting' }
    | {
        readonly at: 'opening';
        readonly port: number;
        /** Where it failed: the program may have ended, which the journal will tell. */
        readonly error: GclabError | null;
        readonly deadline: Deadline;
      }
    | { readonly at: 'idle' }
    | { readonly at: 'busy'; readonly step: UnderWay }
    /** `isNew`: nobody was told yet that it listens. */
    | { readonly at: 'away'; readonly step: UnderWay | Later | null; readonly isNew: boolean }
    | {
        readonly at: 'catching-up';
        readonly step: UnderWay | Later | null;
        readonly isNew: boolean;
        /** A request that only looks: with its line in the journal, everything before it is there too. */
        readonly fence: number;
        readonly deadline: Deadline;
      }
    /** `number` is that of the request to quit; null while the line is down. */
    | { readonly at: 'asked'; readonly number: number | null; readonly deadline: Deadline<DeadlineName> }
    | {
        readonly at: 'stopping';
        /** Why. */
        readonly error: GclabError;
        readonly hasEnded: boolean;
        readonly deadline: Deadline;
      }
    /** The program is gone, and its run may go on. With a deadline: the run is to end too. */
    | { readonly at: 'ended'; readonly deadline: Deadline<DeadlineName> | null }
    /** Nobody waits for the run any more. */
    | { readonly at: 'left' }
    /** Nothing more comes. */
    | { readonly at: 'over' }
  );

export type StateAt<At extends State['at']> = Extract<State, { at: At }>;

/** What the journal says of the moment. */
export interface Now {
  readonly heap: Heap | null;
  readonly usageBytes: number | null;
}

export type Event =
  /** `own` is the number of the request of ours that it is about; `now` is what is known with this line. */
  | { readonly kind: 'line'; readonly line: JournalLine; readonly own: number | null; readonly now: Now }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly error: GclabError }
  | { readonly kind: 'step'; readonly step: PlainStep<Size> }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly number: number; readonly error: GclabError }
  | { readonly kind: 'deadline'; readonly name: Deadline['name'] }
  /** The step under way is not wanted any more. */
  | { readonly kind: 'cancel' }
  /** The program is to end: it is asked first. */
  | { readonly kind: 'quit' }
  /** Everything is to end, now. */
  | { readonly kind: 'interrupt' }
  /** The run is over, or can be followed no longer. */
  | { readonly kind: 'closed' };

/** What became of a step. No answer where the line dropped in it, or there was none to get. */
export type StepOutcome =
  | { readonly kind: 'done'; readonly answer: Answer | null }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: GclabError };

export type Notice = 'listening' | 'lost' | 'back' | 'ended' | 'asked' | 'stopping' | 'left';

export type Effect =
  | { readonly do: 'open'; readonly port: number }
  | { readonly do: 'send'; readonly call: Call; readonly number: number; readonly afterMs: number }
  /** Nobody waits for the answers that are outstanding. */
  | { readonly do: 'forget' }
  | { readonly do: 'settle'; readonly outcome: StepOutcome }
  | { readonly do: 'tell'; readonly notice: Notice }
  /** Over the session that follows the run. */
  | { readonly do: 'stop'; readonly error: GclabError }
  | { readonly do: 'leave'; readonly error: GclabError };

export interface Move {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The deadlines that run in a state. */
export function deadlinesOf(state: State): Deadline[] {
  const step = 'step' in state && state.step !== null ? state.step : null;
  return [state, step].flatMap((one) =>
    one !== null && 'deadline' in one && one.deadline !== null ? [one.deadline] : [],
  );
}

/** Whether the program is gone, or given up. */
export function hasEnded(state: State): boolean {
  switch (state.at) {
    case 'ended':
    case 'left':
    case 'over':
      return true;
    case 'stopping':
      return state.hasEnded;
    default:
      return false;
  }
}
