import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alternate } from '../measure.js';
import { median } from '../median.js';
import { contenders, OWN } from './contenders.js';
import { startHosts } from './hosts.js';
import type { Job } from './job.js';

const ROUND_TRIP_MS = 200;

/** One warm host over a line with a long round trip. The goal: `ssh HOST true`, two round trips, and the run itself. */
export async function longLine(job: Job, rounds: number): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'gclab-bench-line-'));
  const host = await startHosts(1, ROUND_TRIP_MS / 2);
  try {
    const least = { name: 'ssh HOST true', argv: ['ssh', '-F', host.sshConfig, 'h001', 'true'], cwd: work };
    const measured = await alternate([least, ...contenders(host, job, work)], rounds);
    const wall = new Map(
      measured.map(({ name, costs }) => [name, median(costs.map(({ wallMs }) => wallMs))]),
    );
    const runMs = runItself(work);
    const goal = (wall.get(least.name) ?? 0) + 2 * ROUND_TRIP_MS + runMs;
    const lines = [...wall].map(
      ([name, ms]) => `  ${name.padEnd(22)}${(ms / 1_000).toFixed(2).padStart(8)} s`,
    );
    return (
      `\n1 warm host, ${ROUND_TRIP_MS} ms round trip: medians of ${rounds}\n${lines.join('\n')}\n` +
      `  goal of ${OWN}: ssh HOST true, two round trips and the run itself (${(runMs / 1_000).toFixed(2)} s): ≤ ${(goal / 1_000).toFixed(2)} s\n`
    );
  } finally {
    await host.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

/** From the journal's first line to its last, in the median. */
function runItself(work: string): number {
  const folders = readdirSync(join(work, 'gclab')).map((name) => join(work, 'gclab', name));
  const ends = folders.map((folder) => {
    const journal = readFileSync(join(folder, 'h001', 'journal.ndjson'), 'utf8');
    return Number(/"type":"end","t":(\d+)/.exec(journal)?.[1]) / 1_000;
  });
  return median(ends);
}
