import { expect, test } from 'vitest';
import { isAlive, processGone } from '../../../src/process-alive.js';
import { run, runOrFail } from '../../../src/provider/controller/command.js';

const signal = new AbortController().signal;

test('an ended tool says how it ended and what it said', async () => {
  const result = await run(['sh', '-c', 'cat; echo problem >&2; exit 3'], { signal, stdin: 'input' });
  expect(result).toMatchObject({
    exitCode: 3,
    signal: null,
    stdout: 'input',
    stderr: 'problem\n',
    timedOut: false,
  });
});

test('lines are told while the tool runs', async () => {
  const lines: string[] = [];
  await run(['sh', '-c', 'printf "one\\ntwo\\nrest"'], { signal, onLine: (line) => lines.push(line) });
  expect(lines).toEqual(['one', 'two', 'rest']);
});

test('what is said on stdout is kept beside the lines that are told', async () => {
  const { stdout } = await run(['sh', '-c', 'printf "one\\ntwo\\n\\nrest\\n"'], { signal, onLine: () => {} });
  expect(stdout).toBe('one\ntwo\n\nrest\n');
});

test('a tool has the environment that it is given, and no other', async () => {
  const { stdout } = await run(['/usr/bin/env'], { signal, env: { ONLY: 'this', NOT: undefined } });
  expect(stdout).toBe('ONLY=this\n');
});

test('an interrupted tool ends with all it has started', async () => {
  const controller = new AbortController();
  let child = 0;
  const running = run(['sh', '-c', 'sleep 60 & echo $!; wait'], {
    signal: controller.signal,
    onLine: (line) => {
      child = Number(line);
      controller.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
  await processGone(child);
  expect(isAlive(child)).toBe(false);
});

test('a tool that takes too long is ended', async () => {
  expect(await run(['sleep', '60'], { signal, timeoutMs: 100 })).toMatchObject({
    timedOut: true,
    exitCode: null,
    signal: 'SIGTERM',
  });
});

test('a tool that is not there is missing, not failed', async () => {
  await expect(run(['gclab-no-such-tool'], { signal })).rejects.toMatchObject({
    code: 'tool-missing',
    exitCode: 3,
  });
});

test('a tool that cannot be run says why', async () => {
  await expect(run(['/'], { signal })).rejects.toMatchObject({
    code: 'tool-missing',
    message: expect.stringMatching(/EACCES/),
  });
});

test('a failed tool is an error with its last words', async () => {
  const failing = runOrFail(['sh', '-c', 'echo first >&2; echo last >&2; exit 1'], {
    doing: 'trying',
    target: 'vm1',
    signal,
  });
  await expect(failing).rejects.toMatchObject({
    code: 'tool-failed',
    message: 'vm1: trying: sh ended with exit code 1: first · last',
  });
});
