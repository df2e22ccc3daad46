import { expect, test } from 'vitest';
import { trialEntry } from '../../../src/kernel/change/trial-boot.js';
import { parseGrubConfig } from '../../../src/kernel/grub/grub-config.js';

const AIM = { add: ['swapaccount=1'], unset: ['swapaccount=1'] } as const;

function trialLineOf(line: string): string {
  const [entry] = parseGrubConfig(`menuentry 'x' {\n\t${line}\n\tinitrd /i\n}\n`).items;
  if (entry === undefined || 'items' in entry) throw new Error('there is no entry');
  return trialEntry(entry, AIM, ['gclab.trial=1']).split('\n')[1] ?? '';
}

test.each([
  [
    'linux /vm a ds=nocloud;s=http://seed.example/ b',
    'linux /vm a ds=nocloud swapaccount=1 gclab.trial=1;s=http://seed.example/ b',
  ],
  ['linux /vm a # why', 'linux /vm a swapaccount=1 gclab.trial=1 # why'],
  ["linux /vm 'a b' -- single", "linux /vm 'a b' swapaccount=1 gclab.trial=1 -- single"],
  ['linux /vm "swapaccount=0" a', 'linux /vm a swapaccount=1 gclab.trial=1'],
  ["linux /vm 'swapaccount=0' a", 'linux /vm a swapaccount=1 gclab.trial=1'],
])('%j is copied with the words where GRUB reads them', (line, copied) => {
  expect(trialLineOf(line)).toBe(`\t${copied}`);
});
