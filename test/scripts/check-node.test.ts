import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CHECK = fileURLToPath(new URL('../../scripts/check-node.cjs', import.meta.url));

/** Runs the check as if by this Node. */
function check(version: string, script = 'test'): Promise<{ code: number | string | null; stderr: string }> {
  const play = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require(${JSON.stringify(CHECK)})`;
  const env = { ...process.env, npm_lifecycle_event: script };
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', play], { env }, (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), stderr }),
    );
  });
}

test.each(['20.19.0', '20.20.2', '22.0.0', '100.1.0'])('Node %s will do', async (version) => {
  expect(await check(version)).toEqual({ code: 0, stderr: '' });
});

test.each([
  ['20.18.3', 'demo', 'npm run demo'],
  ['18.20.4', 'test', 'npm test'],
  ['0.10.48', 'build', 'npm run build'],
])('Node %s is too old, which one line says', async (version, script, again) => {
  expect(await check(version, script)).toEqual({
    code: 3,
    stderr: `setup: Node ${version} is too old: gclab needs 20.19 or newer; get it from https://nodejs.org, then type: ${again}\n`,
  });
});
