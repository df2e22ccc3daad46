import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { limaInstances } from '../../../src/provider/tool/lima.js';
import { multipassInstances } from '../../../src/provider/tool/multipass.js';

const fixtures = resolve(import.meta.dirname, '../../fixtures/provider');

test('what limactl lists is read, a broken VM and a stopped one without a port among it', async () => {
  const instances = limaInstances(await readFile(join(fixtures, 'limactl-list.ndjson'), 'utf8'));
  expect([...instances]).toEqual([
    ['default', { state: 'running', address: { host: '127.0.0.1', port: 60022 } }],
    ['gclab-vm1', { state: 'stopped', address: null }],
    ['torn', { state: 'stalled', address: null }],
  ]);
});

test('limactl without any VM prints nothing, which is an empty list', () => {
  expect(limaInstances('\n').size).toBe(0);
});

test("what multipass lists is read, and of many addresses the first is the VM's own", async () => {
  const instances = multipassInstances(await readFile(join(fixtures, 'multipass-list.json'), 'utf8'));
  expect([...instances]).toEqual([
    ['gclab-vm1', { state: 'running', address: { host: '192.168.64.11', port: 22 } }],
    ['primary', { state: 'stopped', address: null }],
    ['gone', { state: 'stopped', address: null }],
  ]);
});

test.each([limaInstances, multipassInstances])(
  'an answer in another shape is an error with a code',
  (read) => {
    expect(() => read('{"name":1}')).toThrow(expect.objectContaining({ code: 'tool-answer', exitCode: 5 }));
    expect(() => read('not JSON')).toThrow(expect.objectContaining({ code: 'tool-answer' }));
  },
);

test.each([
  ['an array', '[{"name":"a","status":"Running","sshLocalPort":60022},{"name":"b","status":"Stopped"}]'],
  [
    'an array on many lines',
    '[\n {"name": "a", "status": "Running", "sshLocalPort": 60022},\n {"name": "b", "status": "Stopped"}\n]\n',
  ],
  [
    'a port that is null',
    '{"name":"a","status":"Running","sshLocalPort":60022}\n{"name":"b","status":"Stopped","sshLocalPort":null}',
  ],
  [
    'a port of another kind',
    '{"name":"a","status":"Running","sshLocalPort":60022}\n{"name":"b","status":"Stopped","sshLocalPort":"auto"}',
  ],
  [
    'an entry without a name',
    '{"name":"a","status":"Running","sshLocalPort":60022}\n{"errors":[{}]}\n{"name":"b","status":"Stopped","sshLocalPort":0}',
  ],
])("limactl's list with %s is read", (_what, text) => {
  expect([...limaInstances(text)]).toEqual([
    ['a', { state: 'running', address: { host: '127.0.0.1', port: 60022 } }],
    ['b', { state: 'stopped', address: null }],
  ]);
});

test('an empty list is one, in every spelling', () => {
  for (const text of ['', '\n', '[]', '[\n]\n']) expect(limaInstances(text).size).toBe(0);
  expect(multipassInstances('{"list":[]}').size).toBe(0);
});

test.each([['["N/A"]'], ['[]'], ['["--"]'], ['null'], ['["N/A", "N/A"]']])(
  'a running VM of multipass with ipv4 %s has no address yet',
  (ipv4) => {
    const text = `{"list":[{"name":"a","state":"Running","ipv4":${ipv4}}]}`;
    expect(multipassInstances(text).get('a')).toEqual({ state: 'running', address: null });
  },
);

test('an address behind one that is none is found, and one bad entry hides no other', () => {
  const text =
    '{"list":[{"state":"Running"},{"name":"a","state":"Unknown"},{"name":"b","state":"Starting","ipv4":["N/A","10.0.0.2"]}]}';
  expect([...multipassInstances(text)]).toEqual([
    ['a', { state: 'stalled', address: null }],
    ['b', { state: 'running', address: { host: '10.0.0.2', port: 22 } }],
  ]);
});
