import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDocument, TargetRecord } from '../../src/results/run-folder.js';
import { gclab } from './cli.js';

export interface Pair {
  readonly document: RunDocument;
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly near: TargetRecord;
  readonly far: TargetRecord;
}

/** A run under way, to act upon. */
export interface UnderWay {
  /** Resolves once stderr has this, since the last time it was waited for. */
  shows(text: string): Promise<void>;
  /** Where its results go. */
  readonly out: string;
  readonly child: ChildProcess;
}

export interface PairOptions {
  /** A folder of the test's own. */
  readonly work: string;
  /** The ssh_configs of the hosts `near` and `far`. */
  readonly configs: readonly string[];
  readonly scenario: string;
  readonly args?: readonly string[];
  readonly act?: (run: UnderWay) => Promise<void>;
}

/** Does a scenario on `near` and `far` in step, and gives what became of both. */
export async function inStep({ work, configs, scenario, args = [], act }: PairOptions): Promise<Pair> {
  const out = await mkdtemp(join(work, 'out-'));
  const config = join(out, 'ssh_config');
  await writeFile(config, (await Promise.all(configs.map((file) => readFile(file, 'utf8')))).join(''));
  const file = join(out, 'scenario.yaml');
  await writeFile(file, scenario);
  const watch = new Watch();
  let acting: Promise<void> | undefined;
  const { stdout, stderr, exitCode } = await gclab(
    [
      ...['remote', 'run', '--ssh-config', config, '--host', 'near', '--host', 'far', '--out', out],
      ...['--guest-dir', join(work, 'guest'), '--scenario', file, '--lockstep', '--json', ...args],
    ],
    {
      cwd: work,
      onSpawn: (child) => {
        acting = act?.({ shows: (text) => watch.shows(text), out, child });
        acting?.catch(() => undefined);
      },
      onStderr: (soFar) => watch.see(soFar),
    },
  );
  watch.end();
  await acting;
  const document = JSON.parse(stdout) as RunDocument;
  const [near, far] = document.targets;
  if (near === undefined || far === undefined) throw new Error(stdout);
  return { document, exitCode, stderr, near, far };
}

class Watch {
  #soFar = '';
  #seen = 0;
  #ended = false;
  #wake: () => void = () => {};

  see(soFar: string): void {
    this.#soFar = soFar;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async shows(text: string): Promise<void> {
    for (;;) {
      const at = this.#soFar.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (this.#ended) throw new Error(`ended without ${text}:\n${this.#soFar.slice(-2_000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export interface Line {
  readonly type: string;
  readonly route?: string;
  readonly status?: number;
  readonly address?: string;
}

/** Whole lines only: it may be growing. */
export async function journalOf(folder: string): Promise<Line[]> {
  const text = await readFile(join(folder, 'journal.ndjson'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** How many allocations a target's journal has that were answered so. */
export async function additions({ document }: Pair, record: TargetRecord, status = 200): Promise<number> {
  const lines = await journalOf(join(document.run.dir, record.id));
  return lines.filter((line) => line.route === '/add' && line.status === status).length;
}
