import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isListening, watchLife } from '../../../src/provider/qemu/monitor.js';
import { scratch } from '../support.js';

test('whoever watches sees the end, and one who comes later sees it at once', async () => {
  const path = join(await scratch(), 'life');
  const script = `require('net').createServer(()=>{}).listen(${JSON.stringify(path)},()=>console.log('up'))`;
  const living = spawn(process.execPath, ['-e', script]);
  await once(living.stdout, 'data');
  const life = await watchLife(path);
  expect(life.ended.aborted).toBe(false);
  const exited = once(living, 'exit');
  living.kill('SIGKILL');
  if (!life.ended.aborted) await once(life.ended, 'abort');
  await exited;
  expect(await isListening(path)).toBe(false);
  expect((await watchLife(path)).ended.aborted).toBe(true);
});
