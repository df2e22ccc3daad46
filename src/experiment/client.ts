import type { Agent } from 'node:http';
import fetch, { type Response } from 'node-fetch';
import { z } from 'zod';
import { ERROR_EXITS, type ErrorCode, GclabError } from '../errors.js';
import { timeoutSignal } from '../timeout-signal.js';
import { heapSchema } from './journal.js';

const bytes = z.number().nonnegative();

const answers = {
  add: z.object({ added: bytes, heap: heapSchema }),
  rel: z.object({ released: bytes, notReleased: bytes, heap: heapSchema }),
  cache: z.object({ cached: bytes, heap: heapSchema }),
  gc: z.object({ heap: heapSchema }),
  stats: z.object({
    limitBytes: bytes,
    retainedBytes: bytes,
    slabs: z.number().nonnegative(),
    usageBytes: bytes.nullable(),
    heap: heapSchema,
  }),
  reset: z.object({ released: bytes, heap: heapSchema }),
  quit: z.object({ ending: z.literal(true) }),
} as const;

export type Route = keyof typeof answers;
export type Answer<R extends Route> = z.infer<(typeof answers)[R]>;

const refusal = z.object({ error: z.object({ message: z.string().max(2_000) }) });

export interface ClientSettings {
  /** Connects to the guest's loopback; see transport/tunnel. */
  readonly agent: Agent;
  readonly port: number;
  readonly target: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The request's place among those of its session: the program refuses one that a later one overtook. */
  readonly turn?: string;
  /** Why there was no connection, in full: node-fetch keeps only a code and a message. */
  readonly refusal?: () => GclabError | undefined;
}

const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * The interactive mode's routes, typed. Fails with `tunnel-refused` (no way to the port), `program-gone` (it died or was
 * killed in the middle: the journal says which), `request-refused` (it said why), `remote-timeout` or `guest-answer`.
 */
export class ExperimentClient {
  constructor(private readonly settings: ClientSettings) {}

  /** The same client whose requests also end when `signal` aborts. */
  within(signal: AbortSignal): ExperimentClient {
    return new ExperimentClient({
      ...this.settings,
      signal: AbortSignal.any([this.settings.signal, signal]),
    });
  }

  /** The same client for one request, in its turn. */
  inTurn(turn: string): ExperimentClient {
    return new ExperimentClient({ ...this.settings, turn });
  }

  /** With `each` the bytes are allocated as objects of that size. */
  add(size: number, each?: number): Promise<Answer<'add'>> {
    return this.#ask('add', size, each === undefined ? '' : `&each=${each}`);
  }

  rel(size: number): Promise<Answer<'rel'>> {
    return this.#ask('rel', size);
  }

  /** Fills the page cache with a file of that size. */
  cache(size: number): Promise<Answer<'cache'>> {
    return this.#ask('cache', size);
  }

  gc(): Promise<Answer<'gc'>> {
    return this.#ask('gc');
  }

  stats(): Promise<Answer<'stats'>> {
    return this.#ask('stats');
  }

  reset(): Promise<Answer<'reset'>> {
    return this.#ask('reset');
  }

  quit(): Promise<Answer<'quit'>> {
    return this.#ask('quit');
  }

  async #ask<R extends Route>(route: R, size?: number, more = ''): Promise<Answer<R>> {
    const { agent, port, timeoutMs, signal, turn } = this.settings;
    const query = size === undefined ? '' : `?bytes=${size}${more}`;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/${route}${query}`, {
        agent,
        method: route === 'quit' ? 'POST' : 'GET',
        headers: { accept: 'application/json', ...(turn === undefined ? {} : { 'gclab-turn': turn }) },
        redirect: 'error',
        size: MAX_ANSWER_BYTES,
        // Stub sockets over channels know no time-outs of their own.
        signal: AbortSignal.any([signal, timeoutSignal(timeoutMs)]),
      });
      return (await this.#read(route, response)) as Answer<R>;
    } catch (error) {
      throw this.#explain(route, error);
    }
  }

  async #read(route: Route, response: Response): Promise<unknown> {
    const body = await response.text();
    const value: unknown = JSON.parse(body);
    if (response.ok) return answers[route].parse(value);
    const said = refusal.safeParse(value);
    throw this.#error(
      'request-refused',
      route,
      said.success ? said.data.error.message : `status ${response.status}`,
    );
  }

  #explain(route: Route, error: unknown): GclabError {
    if (error instanceof GclabError) return error;
    const { name, code, message } = error as { name?: string; code?: string; message?: string };
    if (name === 'AbortError') {
      if (this.settings.signal.aborted) return this.#error('interrupted', route, 'interrupted', error);
      return this.#error(
        'remote-timeout',
        route,
        `no answer within ${this.settings.timeoutMs / 1_000} s`,
        error,
      );
    }
    if (code !== undefined && code in ERROR_EXITS)
      return this.settings.refusal?.() ?? this.#error(code as ErrorCode, route, message ?? code, error);
    if (code !== undefined && GONE.has(code))
      return this.#error('program-gone', route, 'the program is gone', error);
    return this.#error('guest-answer', route, `the answer cannot be read (${message ?? code})`, error);
  }

  #error(code: ErrorCode, route: Route, what: string, cause?: unknown): GclabError {
    return new GclabError({ code, doing: `asking /${route}`, target: this.settings.target, what, cause });
  }
}

/** How a connection looks whose other end was killed: refused, reset, closed too early, in any layer. */
const GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
]);
