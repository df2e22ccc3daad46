import type { Heap, TrialEndLine, TrialLine, TrialStartLine } from '../schema.js';
import { Account } from './account.js';
import { Curve } from './curve.js';
import type { Metric } from './figures.js';
import { LiveSeries } from './live-series.js';

/** The figures that a condition can name, of one moment. */
export type Figures = Readonly<Record<Metric, number | null>>;

type ReadyLine = Extract<TrialLine, { type: 'ready' }>;
type BeginLine = Extract<TrialLine, { type: 'begin' }>;
type RequestLine = Extract<TrialLine, { type: 'request' }>;

/** The last step, or request, that began. */
export interface LastStep {
  readonly step: string;
  readonly bytes: number;
  readonly done: boolean;
}

/** Hears of requests while a journal grows. */
export interface RequestListener {
  began(line: BeginLine): void;
  answered(line: RequestLine): void;
}

/**
 * What one trial's lines say so far. It is the one place that walks them: a trial's row, the live view, waiting until something is
 * so, and finding one's own requests all look here.
 */
export class TrialState {
  start: TrialStartLine | null = null;
  ready: ReadyLine | null = null;
  end: TrialEndLine | null = null;
  /** By its journal; or, where somebody else's program has none, by what became of its connection. */
  hasEnded = false;
  heap: Heap | null = null;
  usageBytes: number | null = null;
  /** The highest sample. */
  peakBytes = 0;
  /** Collections that were counted; null: nothing told. */
  gcs: number | null = null;
  lastStep: LastStep | null = null;
  /** The scenario's step under way, counted from 1. */
  atStep: number | null = null;
  /** Whether the program was asked for a collection. */
  collectionAsked = false;
  /** What was let go of and no collection has taken since. */
  uncollectedBytes = 0;
  lastEvent = '';
  readonly series = new LiveSeries();
  readonly curve = new Curve();
  #heldBytes = 0;
  #t = 0;
  #account: Account | null = null;

  constructor(
    readonly trial: number,
    private readonly requests: RequestListener | null = null,
  ) {}

  /** Microseconds of the guest's clock up to which something is known. */
  get t(): number {
    return this.#t;
  }

  get limitBytes(): number | null {
    return this.start?.limitBytes ?? null;
  }

  /** A figure by the step language's name; undefined while nothing is known of it. */
  figure(name: Metric): number | undefined {
    return figuresOf(this.heap, this.usageBytes)[name] ?? undefined;
  }

  /** Begins to sum up what happens from now on, in place of what was summed up before. */
  openAccount(): Account {
    this.#account = new Account();
    return this.#account;
  }

  take(line: TrialLine): void {
    this.#t = Math.max(this.#t, line.t);
    switch (line.type) {
      case 'trial-start':
        this.start ??= line;
        break;
      case 'ready':
        this.ready ??= line;
        this.#seeHeap(line.t, line.heap);
        break;
      case 'begin':
        this.#begin(line);
        break;
      case 'step':
        this.#seeHeap(line.t, line.heap);
        this.#done(line.step, line.bytes);
        break;
      case 'request':
        this.#seeHeap(line.t, line.heap);
        if (line.status === 200) this.#done(line.route.replace(/^\//, ''), line.bytes);
        this.#account?.request(line);
        this.requests?.answered(line);
        break;
      case 'heap':
        this.#seeHeap(line.t, line.heap);
        break;
      case 'samples':
        for (const [index, bytes] of line.usage.entries()) this.#seeUsage(line.at[index] ?? line.t, bytes);
        break;
      case 'gc':
        this.#count(line.n);
        this.#account?.collection();
        this.#mark(line.t, 'gc', `collection ${line.n}${line.forced ? ' (asked for)' : ''}`);
        break;
      case 'listening':
        break;
      case 'trial-end':
        this.end ??= line;
        this.hasEnded = true;
        this.#mark(line.t, 'end', line.verdict);
        break;
    }
  }

  #begin(line: BeginLine): void {
    this.lastStep = { step: line.step, bytes: line.bytes, done: false };
    this.atStep = line.number;
    this.collectionAsked ||= line.step === 'gc';
    this.curve.step(line.t, line.step);
    this.#mark(line.t, line.step, line.step);
    this.requests?.began(line);
  }

  #done(step: string, bytes: number): void {
    if (this.lastStep?.step === step) this.lastStep = { ...this.lastStep, done: true };
    this.atStep = null;
    if (ADDS.has(step)) this.#heldBytes += bytes;
    if (RELEASES.has(step)) this.#release(bytes);
    if (step === 'reset') this.#heldBytes = 0;
  }

  #release(bytes: number): void {
    const released = Math.min(bytes, this.#heldBytes);
    this.#heldBytes -= released;
    this.uncollectedBytes += released;
  }

  #seeUsage(t: number, bytes: number): void {
    this.usageBytes = bytes;
    this.peakBytes = Math.max(this.peakBytes, bytes);
    this.series.usage(t, bytes);
    this.curve.sample(t, bytes);
    this.#account?.usage(bytes);
  }

  #seeHeap(t: number, heap: Heap | null | undefined): void {
    if (heap === null || heap === undefined) return;
    this.heap = heap;
    if (heap.numGC !== null) this.#count(heap.numGC);
    this.series.inUse(t, heap.inUseBytes ?? heap.allocBytes);
  }

  /** Also one that had begun before the last release counts: then it is not certain what was left. */
  #count(gcs: number): void {
    if (gcs > (this.gcs ?? 0)) this.uncollectedBytes = 0;
    this.gcs = Math.max(this.gcs ?? 0, gcs);
  }

  #mark(t: number, kind: string, text: string): void {
    this.series.mark(t, kind);
    this.lastEvent = `${(t / 1e6).toFixed(2)} s: ${text}`;
  }
}

const ADDS = new Set(['allocate-90', 'allocate-10', 'add']);
const RELEASES = new Set(['release', 'rel']);

export function figuresOf(heap: Heap | null, usageBytes: number | null): Figures {
  return {
    heapAlloc: heap?.allocBytes ?? null,
    heapInUse: heap?.inUseBytes ?? null,
    heapIdle: heap?.idleBytes ?? null,
    heapReleased: heap?.releasedBytes ?? null,
    heapGoal: heap?.nextGCBytes ?? null,
    sys: heap?.sysBytes ?? null,
    numGC: heap?.numGC ?? null,
    usage: usageBytes,
  };
}
