import { describe, expect, test } from 'vitest';
import { RequestTimes } from '../../src/journal/requests.js';
import type { JournalLine } from '../../src/journal/schema.js';

type Line<Type> = Extract<JournalLine, { type: Type }>;

const began = (t: number, key: string): Line<'begin'> => ({
  ...{ type: 'begin', t, trial: 1, step: 'add', bytes: 10 },
  ...{ number: null, key },
});
const answered = (t: number, key: string): Line<'request'> => ({
  ...{ type: 'request', t, trial: 1, route: '/add', bytes: 10 },
  ...{ key, status: 200, durationUs: 5, heap: null },
});

describe('the requests of a session', () => {
  test('are found in the journal by their keys', () => {
    const times = new RequestTimes();
    for (const number of [0, 7]) expect(times.numberOf(began(1, times.keyOf(number)))).toBe(number);
  });

  test.each(['', 'k3f9-1', 'other', '-1'])('are told from those of others, whose key is %j', (key) => {
    const times = new RequestTimes('mine');
    expect(times.numberOf(began(1, key))).toBeNull();
  });

  test.each(['mine-', 'mine-x', 'mine-1-2', 'mine-1e3', 'mine--1'])('never have the key %j', (key) => {
    expect(new RequestTimes('mine').numberOf(began(1, key))).toBeNull();
  });

  test('have their times there, and one that the program did not live through ends when it began', () => {
    const times = new RequestTimes();
    times.began(began(100, times.keyOf(0)));
    times.answered(answered(120, times.keyOf(0)));
    times.began(began(200, times.keyOf(1)));
    times.began(began(300, 'other-0'));
    expect(times.timeOf(0)).toEqual({ beganAt: 100, endedAt: 120 });
    expect(times.timeOf(1)).toEqual({ beganAt: 200, endedAt: 200 });
    expect(times.timeOf(2)).toBeUndefined();
  });
});
