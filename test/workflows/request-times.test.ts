import { describe, expect, test } from 'vitest';
import type { JournalLine } from '../../src/experiment/journal.js';
import { RequestTimes } from '../../src/workflows/request-times.js';

const began = (t: number, step: string, bytes = 0): JournalLine => ({
  type: 'begin',
  t,
  trial: 1,
  step,
  bytes,
  number: null,
});
const answered = (t: number, route: string, bytes = 0, status = 200): JournalLine => ({
  type: 'request',
  t,
  trial: 1,
  route,
  bytes,
  status,
  durationUs: 5,
  heap: null,
});

describe('a request, by what the journal tells after the line dropped', () => {
  test('was done where its line is there', async () => {
    const times = new RequestTimes();
    void times.expect('add', 10);
    const fate = times.underWay;
    times.forgetLooks();
    times.take(began(100, 'add', 10));
    times.take(answered(120, '/add', 10));
    expect(await fate).toEqual({ beganAt: 100, endedAt: 120, refused: false });
  });

  test('never came where that of a later one is there instead', async () => {
    const times = new RequestTimes();
    void times.expect('add', 10);
    const fate = times.underWay;
    times.forgetLooks();
    const later = times.expect('stats', 0);
    times.take(answered(300, '/stats'));
    expect(await fate).toBe('never-came');
    expect(await later).toMatchObject({ endedAt: 300 });
  });

  test('was refused where its line says so', async () => {
    const times = new RequestTimes();
    const fate = times.expect('add', 10);
    times.take(answered(120, '/add', 0, 400));
    expect(await fate).toMatchObject({ refused: true });
  });

  test('that only looked is not waited for', () => {
    const times = new RequestTimes();
    void times.expect('stats', 0);
    times.forgetLooks();
    expect(times.underWay).toBeUndefined();
  });

  test('of somebody else is passed by', async () => {
    const times = new RequestTimes();
    const own = times.expect('add', 10);
    times.take(began(50, 'add', 99));
    times.take(answered(60, '/add', 99));
    times.take(answered(120, '/add', 10));
    expect(await own).toMatchObject({ endedAt: 120 });
  });
});
