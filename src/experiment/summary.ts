import { createReadStream } from 'node:fs';
import type { Trial } from '../model.js';
import { type JournalLine, parseJournalLine, type TrialEndLine, type TrialStartLine } from './journal.js';
import { LineSplitter } from './line-splitter.js';
import { TrialProgress } from './trial-progress.js';
import { judgeTrial } from './trial-verdict.js';

/** What a journal says, as far as it goes. */
export interface JournalSummary {
  readonly header: Extract<JournalLine, { type: 'journal' }> | null;
  readonly trials: readonly Trial[];
  readonly notes: readonly string[];
  readonly end: Extract<JournalLine, { type: 'end' }> | null;
  /** Lines that could not be read; the last one may be cut where something crashed. */
  readonly damagedLines: number;
  /** Usage and steps of one trial, for a chart. */
  readonly shown: ShownTrial | null;
}

export interface ShownTrial {
  readonly index: number;
  readonly limitBytes: number;
  readonly atUs: number[];
  readonly usageBytes: number[];
  readonly steps: { readonly atUs: number; readonly step: string }[];
  endedAtUs: number | null;
}

/** Reads a journal from its file: everything shown about a run comes from here, and can be computed again. */
export async function summariseJournal(path: string, shownTrial = 1): Promise<JournalSummary> {
  const reading = new Reading(shownTrial);
  const lines = new LineSplitter();
  for await (const piece of createReadStream(path)) {
    for (const text of lines.push(piece as Uint8Array)) reading.take(parseJournalLine(text));
  }
  return reading.summary(lines.dropped);
}

class Reading {
  #header: JournalSummary['header'] = null;
  #end: JournalSummary['end'] = null;
  #damaged = 0;
  #shown: ShownTrial | null = null;
  readonly #starts = new Map<number, TrialStartLine>();
  readonly #trials: Trial[] = [];
  readonly #progress = new Map<number, TrialProgress>();
  readonly #notes: string[] = [];

  constructor(private readonly shownTrial: number) {}

  take(line: ReturnType<typeof parseJournalLine>): void {
    if (line === undefined) return;
    switch (line.type) {
      case 'damaged':
        this.#damaged += 1;
        break;
      case 'journal':
        this.#header = line;
        break;
      case 'trial-start':
        this.#starts.set(line.trial, line);
        if (line.trial === this.shownTrial) this.#shown = showTrial(line);
        break;
      case 'trial-end':
        this.#trials.push(this.#trial(line));
        if (this.#shown?.index === line.trial) this.#shown.endedAtUs = line.t;
        break;
      case 'note':
        this.#notes.push(line.message);
        break;
      case 'end':
        this.#end = line;
        break;
      default:
        this.#show(line);
    }
  }

  summary(dropped: number): JournalSummary {
    return {
      header: this.#header,
      trials: this.#trials,
      notes: this.#notes,
      end: this.#end,
      damagedLines: this.#damaged + dropped,
      shown: this.#shown,
    };
  }

  #trial(line: TrialEndLine): Trial {
    const judgement = judgeTrial(this.#starts.get(line.trial), line, this.#header?.host.cgroup ?? 'v2');
    this.#starts.delete(line.trial);
    return {
      index: line.trial,
      verdict: judgement.verdict,
      reason: judgement.reason,
      peakBytes: line.peakBytes,
      durationMs: line.durationUs / 1_000,
      ...this.#progress.get(line.trial)?.figures(),
    };
  }

  #follow(line: JournalLine): void {
    if (!('trial' in line)) return;
    const known = this.#progress.get(line.trial) ?? new TrialProgress();
    this.#progress.set(line.trial, known);
    known.take(line);
  }

  #show(line: JournalLine): void {
    this.#follow(line);
    const shown = this.#shown;
    if (shown === null || !('trial' in line) || line.trial !== shown.index) return;
    if (line.type === 'begin') shown.steps.push({ atUs: line.t, step: line.step });
    if (line.type !== 'samples') return;
    shown.atUs.push(...line.at);
    shown.usageBytes.push(...line.usage.slice(0, line.at.length));
  }
}

function showTrial(line: TrialStartLine): ShownTrial {
  return {
    index: line.trial,
    limitBytes: line.limitBytes,
    atUs: [],
    usageBytes: [],
    steps: [],
    endedAtUs: null,
  };
}
