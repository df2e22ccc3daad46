import type { JournalLine } from './journal.js';
import { type Figures, LiveSeries } from './live-series.js';

type Heap = Extract<JournalLine, { type: 'heap' }>['heap'];

/** What a trial is doing now, as its journal tells while it grows: for a panel, and for waiting until something is so. */
export class LiveState {
  limitBytes: number | null = null;
  usageBytes: number | null = null;
  peakBytes = 0;
  heap: Heap | null = null;
  gcs = 0;
  /** The program's settings as it sees them; empty where they are unset. */
  settings = { go: '', gogc: '', gomemlimit: '' };
  lastEvent = '';
  ended = false;
  readonly series = new LiveSeries();
  #t = 0;

  /** Microseconds of the guest's clock up to which something is known. */
  get t(): number {
    return this.#t;
  }

  /** A heap sample makes the figures of a moment whole: then they are given, at their time. */
  take(line: JournalLine): void {
    if (!('trial' in line)) return;
    this.#t = Math.max(this.#t, line.t);
    switch (line.type) {
      case 'trial-start':
        this.limitBytes = line.limitBytes;
        break;
      case 'ready':
        this.settings = { go: line.go, gogc: line.gogc, gomemlimit: line.gomemlimit };
        if (line.heap !== null && line.heap !== undefined) this.#seeHeap(line.t, line.heap);
        break;
      case 'samples':
        for (const [index, bytes] of line.usage.entries()) this.#seeUsage(line.at[index] ?? line.t, bytes);
        break;
      case 'heap':
        this.#seeHeap(line.t, line.heap);
        break;
      case 'begin':
        this.#mark(line.t, line.step, line.step);
        break;
      case 'request':
        if (line.heap !== null && line.heap !== undefined) this.#seeHeap(line.t, line.heap);
        break;
      case 'gc':
        this.gcs = Math.max(this.gcs, line.n);
        this.#mark(line.t, 'gc', `collection ${line.n}${line.forced ? ' (asked for)' : ''}`);
        break;
      case 'trial-end':
        this.ended = true;
        this.#mark(line.t, 'end', line.verdict);
        break;
      default:
        break;
    }
  }

  /** A figure by the step language's name; undefined while nothing is known of it. */
  figure(name: keyof Figures): number | undefined {
    return figuresOf(this.heap, this.usageBytes)[name] ?? undefined;
  }

  #seeUsage(t: number, bytes: number): void {
    this.usageBytes = bytes;
    this.peakBytes = Math.max(this.peakBytes, bytes);
    this.series.usage(t, bytes);
  }

  #seeHeap(t: number, heap: Heap): void {
    this.heap = heap;
    this.gcs = Math.max(this.gcs, heap.numGC ?? 0);
    this.series.inUse(t, heap.inUseBytes ?? heap.allocBytes);
  }

  #mark(t: number, kind: string, text: string): void {
    this.series.mark(t, kind);
    this.lastEvent = `${(t / 1e6).toFixed(2)} s: ${text}`;
  }
}

/** The figures that a condition can name, of one moment. */
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
