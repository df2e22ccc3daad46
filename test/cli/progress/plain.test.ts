import { describe, expect, it } from 'vitest';
import { plainProgress } from '../../../src/cli/progress/plain.js';
import type { Phase } from '../../../src/fleet/events.js';

function told(phase: Phase, details: readonly [atMs: number, detail: string][]): string[] {
  const lines: string[] = [];
  let now = 0;
  const stream = { write: (line: string): boolean => lines.push(line.trim()) > 0 };
  const { listener } = plainProgress(
    stream,
    (id) => id,
    () => now,
  );
  for (const [atMs, detail] of details) {
    now = atMs;
    listener({ kind: 'phase-progress', target: 'vm1', phase, detail });
  }
  return lines;
}

describe('progress without a terminal', () => {
  it('tells of waiting at once and then every ten seconds', () => {
    const seconds = Array.from({ length: 21 }, (_, s): [number, string] => [
      s * 1_000,
      `waiting for sshd: ${s} s`,
    ]);
    expect(told('vm', seconds)).toEqual([0, 10, 20].map((s) => `vm1: vm: waiting for sshd: ${s} s`));
  });

  it('tells each new thing that is being done at once', () => {
    const lines = told('vm', [
      [0, 'building bootstrap:bookworm'],
      [1, 'building bootstrap:bookworm: installing packages'],
      [2, 'building bootstrap:bookworm: laying out the disk'],
    ]);
    expect(lines).toHaveLength(3);
  });

  it('tells of every trial', () => {
    expect(
      told('follow', [
        [0, 'trial 1 of 9: survived'],
        [1, 'trial 2 of 9: survived'],
      ]),
    ).toHaveLength(2);
  });

  it('lets no escape sequence through', () => {
    expect(told('follow', [[0, 'a\u001b[2Jb']])).toEqual(['vm1: follow: a\\x1b[2Jb']);
  });
});
