import type { Answer, ExperimentClient, Route } from '../experiment/client.js';
import { bytesOf } from '../experiment/steps/resolve.js';
import type { PlainStep } from '../experiment/steps/step.js';
import { pause } from './pause.js';
import type { RequestTimes } from './request-times.js';

type Heap = Answer<'gc'>['heap'];

/** What the program said to a step. */
export interface Answered {
  readonly heap: Heap;
  /** What the route has besides, by name: `released`, `notReleased`, `usageBytes` … */
  readonly more: Readonly<Record<string, number | null>>;
}

/** Sends the request that a step is; null for a wait, which is none. */
export async function askStep(
  step: Exclude<PlainStep, { do: 'until' }>,
  limitBytes: number,
  client: ExperimentClient,
  times: RequestTimes,
  signal: AbortSignal,
): Promise<Answered | null> {
  if (step.do === 'wait') {
    await pause(step.ms, signal);
    return null;
  }
  const bytes = 'amount' in step ? bytesOf(step.amount, limitBytes) : 0;
  const { turn } = times.expect(step.do);
  return answeredOf(await send(step, bytes, limitBytes, client.inTurn(turn)));
}

function send(
  step: Exclude<PlainStep, { do: 'until' | 'wait' }>,
  bytes: number,
  limitBytes: number,
  client: ExperimentClient,
): Promise<Answer<Exclude<Route, 'quit'>>> {
  switch (step.do) {
    case 'add':
      return client.add(bytes, step.of === undefined ? undefined : bytesOf(step.of, limitBytes));
    case 'rel':
      return client.rel(bytes);
    case 'cache':
      return client.cache(bytes);
    default:
      return client[step.do]();
  }
}

export function answeredOf({ heap, ...more }: Answer<Exclude<Route, 'quit'>>): Answered {
  return { heap, more };
}
