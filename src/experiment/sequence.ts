import type { ExperimentClient } from './client.js';

/** The self-directed mode's shares of the limit, rounded down to whole bytes as the program does. */
export function spikeBytes(limitBytes: number): { readonly first: number; readonly second: number } {
  return { first: Math.floor(limitBytes * 0.9), second: Math.floor(limitBytes * 0.1) };
}

/**
 * The built-in sequence: look, add 90 % of the limit, release it, collect or not, add the other 10 %, look. Tells of each
 * step as it is done. Rejects as the client does; `program-gone` in the last step is what the experiment is about.
 */
export async function driveSequence(
  client: ExperimentClient,
  settings: { readonly limitBytes: number; readonly gc: boolean },
  tell: (step: string) => void,
): Promise<void> {
  const { first, second } = spikeBytes(settings.limitBytes);
  await client.stats();
  tell('stats');
  await client.add(first);
  tell(`add ${first}`);
  await client.rel(first);
  tell(`rel ${first}`);
  if (settings.gc) {
    await client.gc();
    tell('gc');
  }
  await client.add(second);
  tell(`add ${second}`);
  await client.stats();
  await client.quit();
}
