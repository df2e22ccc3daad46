import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Deferred } from '../../../src/concurrency/deferred.js';
import type { Ending, Process } from '../../../src/transport/command/process.js';
import { SessionAhead } from '../../../src/transport/ssh2/session-ahead.js';

/** A process that ends when it is told. */
function fake(): { readonly process: Process; readonly end: () => void; readonly isOver: () => boolean } {
  const ended = new Deferred<Ending>();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    ended.resolve({ kind: 'exit', exitCode: 0, signal: null });
  };
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return {
    process: { stdin, stdout, stderr, ended: ended.promise, close: end, kill: end },
    end,
    isOver: () => isOver,
  };
}

const atOnce = async (process: Process): Promise<Process> => process;

test('who takes it while it is on its way waits for it, and the next one finds none', async () => {
  const ahead = new SessionAhead();
  const { process } = fake();
  const opening = new Deferred<Process | undefined>();
  ahead.open(() => opening.promise, atOnce);
  const [first, second] = [ahead.take(), ahead.take()];
  opening.resolve(process);
  expect([await first, await second]).toEqual([process, undefined]);
});

test.each([
  ['the server has no session left', async () => undefined],
  ['it fails', () => Promise.reject(new Error('the line dropped'))],
])('there is none where %s, and another may be opened', async (_, open) => {
  const ahead = new SessionAhead();
  ahead.open(open, atOnce);
  expect(await ahead.take()).toBeUndefined();
  const { process } = fake();
  ahead.open(async () => process, atOnce);
  expect(await ahead.take()).toBe(process);
});

test('one that is needed elsewhere is ended, also while it is on its way', async () => {
  for (const isOpen of [true, false]) {
    const ahead = new SessionAhead();
    const { process, isOver } = fake();
    const opening = new Deferred<Process | undefined>();
    ahead.open(
      () => opening.promise,
      () => new Promise(() => {}),
    );
    if (isOpen) opening.resolve(process);
    await new Promise((resolve) => setImmediate(resolve));
    ahead.giveUp();
    opening.resolve(process);
    expect(await ahead.take()).toBeUndefined();
    expect(isOver()).toBe(true);
  }
});

test('one that was taken is not given up, and one that ended by itself is none', async () => {
  const ahead = new SessionAhead();
  const [taken, gone] = [fake(), fake()];
  ahead.open(async () => taken.process, atOnce);
  await ahead.take();
  ahead.giveUp();
  expect(taken.isOver()).toBe(false);
  ahead.open(async () => gone.process, atOnce);
  await new Promise((resolve) => setImmediate(resolve));
  gone.end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await ahead.take()).toBeUndefined();
});
