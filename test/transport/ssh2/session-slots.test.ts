import { expect, test } from 'vitest';
import { SessionSlots } from '../../../src/transport/ssh2/session-slots.js';

const refusal = new Error('no more sessions');
const isRefusal = (error: unknown): boolean => error === refusal;

/** A server that lets so many sessions be, and counts each for one refusal longer than we do. */
class Server {
  #open = 0;
  #ending = 0;
  constructor(private readonly most: number) {}

  readonly open = async (): Promise<void> => {
    if (this.#open < this.most) return void this.#open++;
    this.#open -= this.#ending;
    this.#ending = 0;
    throw refusal;
  };

  close(slots: SessionSlots): void {
    this.#ending++;
    slots.release();
  }
}

test('a session that ended just now, and that the server still counts, is no reason to wait for another one', async () => {
  const server = new Server(2);
  const slots = new SessionSlots();
  const take = (): Promise<void> => slots.take(server.open, isRefusal, undefined);
  await take();
  await take();
  server.close(slots);
  // The other one goes on for ever.
  await take();
});

test('a session is waited for where all go on, and a refusal stands where there is none', async () => {
  const server = new Server(1);
  const slots = new SessionSlots();
  const take = (): Promise<void> => slots.take(server.open, isRefusal, undefined);
  await take();
  let isTaken = false;
  const second = take().then(() => {
    isTaken = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isTaken).toBe(false);
  server.close(slots);
  await second;
  const none = new SessionSlots();
  await expect(none.take(new Server(0).open, isRefusal, undefined)).rejects.toBe(refusal);
});
