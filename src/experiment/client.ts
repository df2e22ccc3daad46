import type { Agent } from 'node:http';
import fetch, { type Response } from 'node-fetch';
import { ERROR_EXITS, type ErrorCode, GclabError } from '../errors.js';
import { type Heap, heapSchema } from '../journal/schema.js';
import * as z from '../zod.js';
import type { PlainStep, Size } from './steps/step.js';

/** What the program can be asked for: the steps that are requests, and to end. */
export type Call = Exclude<PlainStep<Size>, { do: 'wait' | 'until' }> | { readonly do: 'quit' };

type Route = Call['do'];

/** What the program said. */
export interface Answer {
  /** Null where it ends. */
  readonly heap: Heap | null;
  /** What the route has besides, by name: `released`, `notReleased`, `usageBytes` … Null: it does not know. */
  readonly figures: Readonly<Record<string, number | null>>;
}

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
} as const satisfies Record<Route, z.ZodType>;

const refusal = z.object({ error: z.object({ message: z.string().max(2_000) }) });

export interface ClientSettings {
  /** Connects to the guest's loopback; see transport/tunnel. */
  readonly agent: Agent;
  readonly target: string;
  /** Why there was no connection, in full: node-fetch keeps only a code and a message. */
  readonly refusal?: () => GclabError | undefined;
}

const MAX_ANSWER_BYTES = 256 * 1024;

/** The interactive mode's routes, typed. */
export class ExperimentClient {
  constructor(private readonly settings: ClientSettings) {}

  /**
   * Sends one request to the program on that port of the guest's loopback. `key` is its place among those of its session (docs/wire.md):
   * the program refuses one that a later one overtook.
   * Rejects with `tunnel-refused` (no way to the port), `connection-lost`, `program-gone` (it died or was
   * killed in the middle: the journal says which), `request-refused` (it said why), `guest-answer`, or the reason of `signal`: its
   * deadline is the caller's.
   */
  async ask(call: Call, port: number, key: string, signal: AbortSignal): Promise<Answer> {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/${call.do}${queryOf(call)}`, {
        agent: this.settings.agent,
        method: call.do === 'quit' ? 'POST' : 'GET',
        headers: { accept: 'application/json', 'gclab-request-key': key },
        redirect: 'error',
        size: MAX_ANSWER_BYTES,
        signal,
      });
      return await this.#read(call.do, response);
    } catch (error) {
      throw this.#explain(call.do, error, signal);
    }
  }

  async #read(route: Route, response: Response): Promise<Answer> {
    const value: unknown = JSON.parse(await response.text());
    if (response.ok) return answerOf(answers[route].parse(value));
    const said = refusal.safeParse(value);
    throw this.#error(
      'request-refused',
      route,
      said.success ? said.data.error.message : `status ${response.status}`,
    );
  }

  #explain(route: Route, error: unknown, signal: AbortSignal): unknown {
    if (error instanceof GclabError) return error;
    const { name, code, message } = error as { name?: string; code?: string; message?: string };
    if (name === 'AbortError') return signal.reason;
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

function queryOf(call: Call): string {
  switch (call.do) {
    case 'add':
      return `?bytes=${call.amount.bytes}${call.of === undefined ? '' : `&each=${call.of.bytes}`}`;
    case 'rel':
    case 'cache':
      return `?bytes=${call.amount.bytes}`;
    default:
      return '';
  }
}

function answerOf(answer: z.infer<(typeof answers)[Route]>): Answer {
  if (!('heap' in answer)) return { heap: null, figures: {} };
  const { heap, ...figures } = answer;
  return { heap, figures };
}

/** How a connection looks whose other end was killed: refused, reset, closed too early, in any layer. */
const GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
]);
