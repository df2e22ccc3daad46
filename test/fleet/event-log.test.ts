import { expect, it } from 'vitest';
import { EventLog } from '../../src/fleet/event-log.js';
import { eventSchema, type LoggedEvent } from '../../src/fleet/event-schema.js';
import type { WorkflowEvent } from '../../src/fleet/events.js';
import { Phases } from '../../src/fleet/phases.js';

const now = (): Date => new Date('2026-11-24T06:01:02.345Z');

function log() {
  const lines: [string, LoggedEvent][] = [];
  const heard: WorkflowEvent[] = [];
  const events = new EventLog(async (file, line) => void lines.push([file, line]), now);
  return { events, lines, heard, listener: events.before((event) => heard.push(event)) };
}

it('keeps what happened, in its order, with the time in UTC', async () => {
  const { events, lines, heard, listener } = log();
  events.add({ kind: 'run-started', run: 'r1', gclab: '0.1.0' });
  const phases = new Phases('vm1', listener, now);
  await phases.run(
    'connect',
    async () => 'there',
    (said) => said,
  );
  phases.note('a note');
  listener({ kind: 'trial-ended', target: 'vm1', trial: 1, wanted: 2, verdict: 'oom-killed' });
  listener({ kind: 'target-ended', target: 'vm1', outcome: 'failed', error: 'run-failed' });
  expect(lines.map(([, { kind }]) => kind)).toEqual([
    'run-started',
    'phase-started',
    'phase-ended',
    'note',
    'trial-ended',
    'target-ended',
  ]);
  for (const [file, line] of lines) {
    expect(file).toBe('events.ndjson');
    expect(eventSchema.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
    expect(line.at).toBe('2026-11-24T06:01:02.345Z');
  }
  expect(heard).toHaveLength(5);
  expect(phases.times).toEqual([
    { phase: 'connect', startedAt: now().toISOString(), endedAt: now().toISOString(), ok: true },
  ]);
});

it('keeps no progress, and no more of a text than a line should have', () => {
  const { lines, heard, listener } = log();
  listener({ kind: 'phase-progress', target: 'vm1', phase: 'deploy', detail: 'half' });
  listener({ kind: 'note', target: 'vm1', text: 'x'.repeat(1_000_000) });
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines[0]).length).toBeLessThan(5_000);
  expect(heard).toHaveLength(2);
});

it('goes on where it cannot be written: the folder remembers that', async () => {
  const events = new EventLog(() => Promise.reject(new Error('full')), now);
  events.add({ kind: 'note', target: 'vm1', text: 'a' });
  await new Promise((resolve) => setImmediate(resolve));
});
