import { expect, test } from 'vitest';
import { sharedAbort } from '../../src/concurrency/shared-abort.js';

test('any number may listen, and nobody is warned of a leak', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  const shared = sharedAbort();
  let heard = 0;
  for (let index = 0; index < 100; index += 1) shared.signal.addEventListener('abort', () => heard++);
  shared.abort();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', hear);
  expect([heard, warnings]).toEqual([100, []]);
});
