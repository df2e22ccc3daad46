import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { limaInstances } from '../../../src/provider/tool/lima.js';
import { multipassInstances } from '../../../src/provider/tool/multipass.js';

const fixtures = resolve(import.meta.dirname, '../../fixtures/provider');

test('what limactl lists is read, a broken VM and a stopped one without a port among it', async () => {
  const instances = limaInstances(await readFile(join(fixtures, 'limactl-list.ndjson'), 'utf8'));
  expect([...instances]).toEqual([
    ['default', { running: true, address: { host: '127.0.0.1', port: 60022 } }],
    ['gclab-vm1', { running: false, address: null }],
    ['torn', { running: false, address: null }],
  ]);
});

test('limactl without any VM prints nothing, which is an empty list', () => {
  expect(limaInstances('\n').size).toBe(0);
});

test("what multipass lists is read, and of many addresses the first is the VM's own", async () => {
  const instances = multipassInstances(await readFile(join(fixtures, 'multipass-list.json'), 'utf8'));
  expect([...instances]).toEqual([
    ['gclab-vm1', { running: true, address: { host: '192.168.64.11', port: 22 } }],
    ['primary', { running: false, address: null }],
    ['gone', { running: false, address: null }],
  ]);
});

test.each([limaInstances, multipassInstances])(
  'an answer in another shape is an error with a code',
  (read) => {
    expect(() => read('{"name":1}')).toThrow(expect.objectContaining({ code: 'tool-answer', exitCode: 5 }));
    expect(() => read('not JSON')).toThrow(expect.objectContaining({ code: 'tool-answer' }));
  },
);
