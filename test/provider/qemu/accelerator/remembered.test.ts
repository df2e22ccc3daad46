import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Tried } from '../../../../src/provider/provider.js';
import { Remembered } from '../../../../src/provider/qemu/accelerator/remembered.js';
import { scratch } from '../../support.js';

const HERE = { machine: 'm1', kernel: '6.1', qemu: '7.2', firmware: 'ovmf' };
const good = (cpus: number): Tried => ({
  accelerator: 'kvm',
  works: true,
  cpus,
  ran: 'firmware',
  what: 'spoke',
});
const bad = (cpus: number): Tried => ({ accelerator: 'kvm', works: false, cpus, ran: 'guest', what: 'hung' });

test.each(Object.keys(HERE))('is forgotten when the %s changes', async (what) => {
  const home = await scratch();
  await new Remembered(home, HERE).put([bad(2)]);
  expect(await new Remembered(home, HERE).of('kvm', 2)).toEqual(bad(2));
  const elsewhere = new Remembered(home, { ...HERE, [what]: 'other' });
  expect(await elsewhere.of('kvm', 2)).toBeUndefined();
  await elsewhere.put([good(2)]);
  expect(await new Remembered(home, HERE).of('kvm', 2)).toBeUndefined();
});

test('what works with many CPUs works with few, and what fails with few fails with many', async () => {
  const remembered = new Remembered(await scratch(), HERE);
  await remembered.put([good(4), bad(8)]);
  const works = async (cpus: number) => (await remembered.of('kvm', cpus))?.works;
  expect([await works(1), await works(4), await works(6), await works(8), await works(16)]).toEqual([
    true,
    true,
    undefined,
    false,
    false,
  ]);
  expect(await remembered.of('tcg', 1)).toBeUndefined();
});

test('what was seen last counts', async () => {
  const remembered = new Remembered(await scratch(), HERE);
  await remembered.put([good(4)]);
  await remembered.put([bad(2)]);
  expect(await remembered.of('kvm', 1)).toBeUndefined();
  expect(await remembered.of('kvm', 4)).toEqual(bad(2));
  await remembered.put([good(4)]);
  expect(await remembered.of('kvm', 2)).toEqual(good(4));
  await remembered.forget('kvm');
  expect(await remembered.of('kvm', 2)).toBeUndefined();
});

test.each([
  '',
  '{',
  '[]',
  '{"schema":1}',
  `{"schema":1,"circumstances":${JSON.stringify(HERE)},"tried":[{"accelerator":"kvm"}]}`,
])('a file that says %j says nothing, and is written anew', async (text) => {
  const home = await scratch();
  await writeFile(join(home, 'accelerators.json'), text);
  const remembered = new Remembered(home, HERE);
  expect(await remembered.of('kvm', 1)).toBeUndefined();
  await remembered.put([good(1)]);
  expect(await remembered.of('kvm', 1)).toEqual(good(1));
});

test('where nothing can be written, nothing is remembered, and nothing fails', async () => {
  const file = join(await scratch(), 'a-file');
  await writeFile(file, 'as it was');
  const remembered = new Remembered(file, HERE);
  await remembered.put([good(1)]);
  expect(await remembered.of('kvm', 1)).toBeUndefined();
  expect(await readFile(file, 'utf8')).toBe('as it was');
});
