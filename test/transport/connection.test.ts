import { expect, it, vi } from 'vitest';
import { GclabError } from '../../src/errors.js';
import type { Guest } from '../../src/model.js';
import { Connection, type Reconnecting } from '../../src/transport/connection.js';

/** All that a connection looks at is which guest it has. */
function guest(address: string): Guest {
  return { address } as Guest;
}

const lost = new GclabError({
  code: 'connection-lost',
  doing: 'running true',
  what: 'reset',
  hint: 'look there',
});

function connection(changes: Partial<Reconnecting> = {}): { it: Connection; notes: string[] } {
  const notes: string[] = [];
  const how: Reconnecting = {
    dial: async () => guest('second'),
    reconnectMs: 1_000,
    onNote: (text) => void notes.push(text),
    signal: new AbortController().signal,
    ...changes,
  };
  return { it: new Connection(guest('first'), how), notes };
}

function failing(times: number, error: unknown = lost): (guest: Guest) => Promise<string> {
  let calls = 0;
  return async ({ address }) => {
    calls += 1;
    if (calls <= times) throw error;
    return address;
  };
}

it('begins work again over the next connection, and keeps that', async () => {
  const { it: one, notes } = connection();
  expect(await one.use('working', failing(1))).toBe('second');
  expect(one.guest.address).toBe('second');
  expect(notes).toEqual(['the connection dropped; connecting again', 'connected again']);
});

it('dials until somebody answers', async () => {
  const dial = vi.fn<Reconnecting['dial']>();
  dial.mockRejectedValueOnce(new Error('refused')).mockResolvedValue(guest('third'));
  expect(await connection({ dial }).it.use('working', failing(1))).toBe('third');
  expect(dial).toHaveBeenCalledTimes(2);
});

it('does not begin again what failed for another reason', async () => {
  const dial = vi.fn<Reconnecting['dial']>();
  await expect(connection({ dial }).it.use('working', failing(1, new Error('no')))).rejects.toThrow('no');
  expect(dial).not.toHaveBeenCalled();
});

it('says what was being done where nobody answers in time', async () => {
  const dial = (): Promise<Guest> => Promise.reject(new Error('refused'));
  const { it: one } = connection({ dial, reconnectMs: 1 });
  await expect(one.use('working', failing(1))).rejects.toMatchObject({
    code: 'connection-lost',
    doing: 'working',
    what: 'the connection dropped and did not come back (refused)',
    hint: 'look there',
  });
});

it('gives up one that drops again and again, and leaves it breaks', async () => {
  const dial = vi.fn(async () => guest('next'));
  const { it: one } = connection({ dial, reconnectMs: 1_200 });
  await expect(one.use('working', failing(1_000))).rejects.toBe(lost);
  expect(dial.mock.calls.length).toBeGreaterThan(1);
  expect(dial.mock.calls.length).toBeLessThanOrEqual(4);
});

it('ends with an interruption', async () => {
  const abort = new AbortController();
  const dial = async (): Promise<Guest> => {
    abort.abort();
    throw new Error('refused');
  };
  const { it: one } = connection({ dial, signal: abort.signal });
  await expect(one.use('working', failing(1))).rejects.toMatchObject({ code: 'connection-lost' });
});
