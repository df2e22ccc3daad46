import { describe, expect, test } from 'vitest';
import type { JournalLine } from '../../src/experiment/journal.js';
import { RequestTimes } from '../../src/workflows/request-times.js';

const began = (t: number, turn: string): JournalLine => ({
  type: 'begin',
  t,
  trial: 1,
  step: 'add',
  bytes: 10,
  number: null,
  turn,
});
const answered = (t: number, turn: string, status = 200): JournalLine => ({
  type: 'request',
  t,
  trial: 1,
  route: '/add',
  bytes: 10,
  turn,
  status,
  durationUs: 5,
  heap: null,
});

describe('a request, by what the journal tells after the line dropped', () => {
  test('was done where its line is there', async () => {
    const times = new RequestTimes();
    const { turn } = times.expect('add');
    const fate = times.underWay;
    times.forgetLooks();
    times.take(began(100, turn));
    times.take(answered(120, turn));
    expect(await fate).toEqual({ beganAt: 100, endedAt: 120, refused: false });
  });

  test('never came where a later one began instead', async () => {
    const times = new RequestTimes();
    times.expect('add');
    const fate = times.underWay;
    times.forgetLooks();
    const later = times.expect('stats');
    times.take(began(290, later.turn));
    times.take(answered(300, later.turn));
    expect(await fate).toBe('never-came');
    expect(await later.seen).toMatchObject({ endedAt: 300 });
  });

  test('is still under way where it began, though a later one is done before it', async () => {
    const times = new RequestTimes();
    const slow = times.expect('add');
    const later = times.expect('stats');
    for (const line of [began(100, slow.turn), began(200, later.turn), answered(210, later.turn)])
      times.take(line);
    await later.seen;
    times.take(answered(900, slow.turn));
    expect(await slow.seen).toEqual({ beganAt: 100, endedAt: 900, refused: false });
  });

  test('was refused where its line says so', async () => {
    const times = new RequestTimes();
    const { turn, seen } = times.expect('add');
    times.take(answered(120, turn, 400));
    expect(await seen).toMatchObject({ refused: true });
  });

  test('that only looked is not waited for', () => {
    const times = new RequestTimes();
    times.expect('stats');
    times.forgetLooks();
    expect(times.underWay).toBeUndefined();
  });

  test('of somebody else is passed by, the same though it is', async () => {
    const times = new RequestTimes();
    const other = new RequestTimes().expect('add');
    const own = times.expect('add');
    for (const turn of ['', other.turn, own.turn]) {
      times.take(began(50, turn));
      times.take(answered(turn === own.turn ? 120 : 60, turn));
    }
    expect(await own.seen).toMatchObject({ endedAt: 120 });
  });
});
