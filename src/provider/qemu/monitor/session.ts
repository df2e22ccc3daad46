import { connect, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { LineSplitter } from '../../../journal/line-splitter.js';
import * as z from '../../../zod.js';

/** What QEMU answers to its monitor within; it is local and has nothing else to do. */
const ANSWER_MS = 5_000;

/** No answer that is asked for here is nearly as long. */
const LINE_BYTES = 1_048_576;

/** Something that QEMU says by itself: `STOP`, `RESET`, `SHUTDOWN` … (qapi/run-state.json). */
export interface QmpEvent {
  readonly event: string;
  readonly data?: unknown;
}

const Message = z.object({
  id: z.number().optional(),
  return: z.unknown().optional(),
  event: z.string().optional(),
  data: z.unknown().optional(),
});

/** A conversation with one of QEMU's monitors (QMP): commands and their answers, and events in between. */
export class QmpSession {
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #onEvent: (event: QmpEvent) => void;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #ended = new AbortController();
  readonly #lines = new LineSplitter(LINE_BYTES);
  #lastId = 0;

  constructor(input: Readable, output: Writable, onEvent: (event: QmpEvent) => void = () => undefined) {
    this.#input = input;
    this.#output = output;
    this.#onEvent = onEvent;
    output.on('error', () => this.#end());
    input.on('error', () => this.#end()).on('close', () => this.#end());
    input.on('data', (piece: Buffer) => {
      for (const line of this.#lines.push(piece)) if (typeof line === 'string') this.#take(line);
    });
    // Before this QEMU takes no other command and tells no event.
    void this.execute('qmp_capabilities');
  }

  /** Aborts when QEMU is gone, or `close` was called. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** What QEMU returns; undefined where it does not answer in time, or does not take the command. */
  execute(command: string): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const answer = (value: unknown) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(value);
      };
      const late = setTimeout(() => answer(undefined), ANSWER_MS);
      this.#waiting.set(id, answer);
      if (this.#ended.signal.aborted) answer(undefined);
      else this.#output.write(`${JSON.stringify({ execute: command, id })}\n`);
    });
  }

  close(): void {
    this.#end();
    this.#input.destroy();
    this.#output.destroy();
  }

  #take(line: string): void {
    const message = Message.safeParse(parse(line));
    if (!message.success) return;
    const { id, event, data } = message.data;
    if (event !== undefined) this.#onEvent({ event, data });
    else if (id !== undefined) this.#waiting.get(id)?.(message.data.return);
  }

  #end(): void {
    this.#ended.abort();
    for (const answer of [...this.#waiting.values()]) answer(undefined);
  }
}

/**
 * A connection to a socket of the controller; `absent` where there is none, `left` where nobody listens on it any more (or too many want
 * to speak, on macOS), `busy` where too many want to speak.
 */
export function connectSocket(path: string): Promise<Socket | 'absent' | 'left' | 'busy'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause: NodeJS.ErrnoException) =>
      resolve(NOT_CONNECTED[cause.code ?? ''] ?? 'absent'),
    );
  });
}

const NOT_CONNECTED: Readonly<Record<string, 'left' | 'busy'>> = { ECONNREFUSED: 'left', EAGAIN: 'busy' };

/** Whether somebody listens on a socket. False on macOS also where too many want to speak. */
export async function isListening(path: string): Promise<boolean> {
  const socket = await connectSocket(path);
  if (typeof socket !== 'string') socket.destroy();
  return socket !== 'absent' && socket !== 'left';
}

/** What QEMU returns to one command; undefined where nobody answers in time or it did not take the command. */
export async function ask(path: string, command: string): Promise<unknown> {
  const socket = await connectSocket(path);
  if (typeof socket === 'string') return undefined;
  const session = new QmpSession(socket, socket);
  return await session.execute(command).finally(() => session.close());
}

/** QEMU's word for how a guest is (`RunState` in qapi/run-state.json); undefined where it does not say. */
export async function statusOf(monitor: string): Promise<string | undefined> {
  return readStatus(await ask(monitor, 'query-status'));
}

export function readStatus(answer: unknown): string | undefined {
  return z.object({ status: z.string().max(64) }).safeParse(answer).data?.status;
}

/** `query-rx-filter`: what the guest's driver told its network card to let through. */
const RxFilters = z
  .array(z.object({ promiscuous: z.boolean(), 'multicast-table': z.array(z.string()) }))
  .nonempty();

/**
 * Whether the guest has its network up: a card nobody set up lets everything through, and a Linux that brings its
 * interface up joins the multicast groups of all hosts. Undefined where QEMU does not tell.
 */
export async function isNetworkUp(monitor: string): Promise<boolean | undefined> {
  const filters = RxFilters.safeParse(await ask(monitor, 'query-rx-filter'));
  if (!filters.success) return undefined;
  return filters.data.some(({ promiscuous, ...card }) => !promiscuous && card['multicast-table'].length > 0);
}

const BlockStats = z.array(
  z.object({ stats: z.object({ rd_operations: z.number(), wr_operations: z.number() }) }),
);

/** How often the guest has read from its disks and written to them; undefined where QEMU does not tell. */
export async function diskOperations(monitor: string): Promise<number | undefined> {
  const { data } = BlockStats.safeParse(await ask(monitor, 'query-blockstats'));
  return data?.reduce((sum, { stats }) => sum + stats.rd_operations + stats.wr_operations, 0);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
