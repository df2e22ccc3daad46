import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import {
  ask,
  diskOperations,
  isListening,
  isNetworkUp,
  type QmpEvent,
  QmpSession,
  statusOf,
} from '../../../../src/provider/qemu/monitor/session.js';
import { scratch } from '../../support.js';
import { fakeMonitor } from './fake-monitor.js';

const card = (promiscuous: boolean, ...groups: string[]) => ({ promiscuous, 'multicast-table': groups });

test('QEMU is asked how the guest is, and what it refuses or does not know is nothing', async () => {
  const path = join(await scratch(), 'qmp');
  const stats = [
    { stats: { rd_operations: 3, wr_operations: 1 } },
    { stats: { rd_operations: 2, wr_operations: 0 } },
  ];
  const monitor = await fakeMonitor(path, {
    'query-status': { status: 'internal-error', running: false },
    'query-rx-filter': [card(true)],
    'query-blockstats': stats,
  });
  expect(await statusOf(path)).toBe('internal-error');
  expect(await isNetworkUp(path)).toBe(false);
  expect(await diskOperations(path)).toBe(6);
  expect(await ask(path, 'no-such-command')).toBeUndefined();
  monitor.answers['query-rx-filter'] = [card(false, '01:00:5e:00:00:01')];
  expect(await isNetworkUp(path)).toBe(true);
  monitor.answers['query-rx-filter'] = [];
  expect(await isNetworkUp(path)).toBeUndefined();
  monitor.answers['query-status'] = { status: 7 };
  expect(await statusOf(path)).toBeUndefined();
});

test('where nobody listens, nothing is answered', async () => {
  const path = join(await scratch(), 'qmp');
  expect([await isListening(path), await statusOf(path)]).toEqual([false, undefined]);
  const monitor = await fakeMonitor(path, {});
  expect(await isListening(path)).toBe(true);
  await monitor.close();
  expect([await isListening(path), await statusOf(path)]).toEqual([false, undefined]);
});

test('events come in between, and garbage, however long, is passed over', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const events: QmpEvent[] = [];
  const session = new QmpSession(input, output, (event) => events.push(event));
  const status = session.execute('query-status');
  input.write('{"QMP":{}}\r\n{"return":{},"id":1}\r\nnot JSON\r\n{"id":"2","return":1}\r\n[]\r\n');
  input.write('x'.repeat(3_000_000));
  input.write('\r\n{"event":"STOP","timestamp":{}}\r\n{"return":{"status":"paused"},"id":2}\r\n');
  expect(await status).toEqual({ status: 'paused' });
  expect(events).toEqual([{ event: 'STOP', data: undefined }]);
  expect(String(output.read()).split('\n')[0]).toBe('{"execute":"qmp_capabilities","id":1}');
});

test('a session that ends answers what is open, and whatever is asked after', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const session = new QmpSession(input, output);
  const open = session.execute('query-status');
  input.destroy();
  if (!session.ended.aborted) await once(session.ended, 'abort');
  expect([await open, await session.execute('query-status')]).toEqual([undefined, undefined]);
});
