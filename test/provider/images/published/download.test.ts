import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { download } from '../../../../src/provider/images/published/download.js';
import { listen, scratch } from '../../support.js';
import { ranged, serve, sha256 } from './web.js';

const content = randomBytes(3_000_000);

async function wanted(url: string, changes: { sum?: string; idleMs?: number } = {}) {
  const partFile = join(await scratch(), 'part');
  return {
    url,
    partFile,
    algorithm: 'sha256' as const,
    sum: sha256(content),
    label: 'test',
    idleMs: 5_000,
    ...changes,
  };
}

test('a file comes whole, with progress to its end', async () => {
  const seen: string[] = [];
  const file = await wanted(await serve(ranged(content, seen)));
  const work = listen();
  await download(file, work);
  expect(content.equals(await readFile(file.partFile))).toBe(true);
  expect(seen).toEqual(['all']);
  const last = { doneBytes: content.length, totalBytes: content.length };
  expect(work.told.findLast(({ doing }) => doing === 'downloading test')).toMatchObject(last);
  expect(work.told.at(-1)).toMatchObject({ doing: 'verifying test', ...last });
});

test('a connection that is cut again and again is taken up where it broke', async () => {
  const seen: string[] = [];
  const file = await wanted(await serve(ranged(content, seen, 1_000_000)));
  await download(file, listen());
  expect(content.equals(await readFile(file.partFile))).toBe(true);
  // What fetch still held of a connection when it broke comes again, so a try may go on from a little before the cut.
  const starts = seen.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0));
  expect(starts[0]).toBe(0);
  expect(starts.length).toBeGreaterThanOrEqual(3);
  for (const [index, start] of starts.slice(1).entries()) {
    const before = starts[index] as number;
    expect(start).toBeGreaterThan(before);
    expect(start).toBeLessThanOrEqual(before + 1_000_000);
  }
});

test('a later download goes on from what an earlier one left', async () => {
  const seen: string[] = [];
  const file = await wanted(await serve(ranged(content, seen)));
  await writeFile(file.partFile, content.subarray(0, 2_500_000));
  await download(file, listen());
  expect(content.equals(await readFile(file.partFile))).toBe(true);
  expect(seen).toEqual(['bytes=2500000-']);
});

test('what is complete already is only verified', async () => {
  const seen: string[] = [];
  const file = await wanted(await serve(ranged(content, seen)));
  await writeFile(file.partFile, content);
  await download(file, listen());
  expect(seen).toEqual([`bytes=${content.length}-`]);
});

test('a server without ranges sends everything again, and the file is right', async () => {
  const file = await wanted(await serve((_request, response) => void response.end(content)));
  await writeFile(file.partFile, randomBytes(4_000_000));
  await download(file, listen());
  expect(content.equals(await readFile(file.partFile))).toBe(true);
});

test('a wrong sum is refused and forgotten', async () => {
  const file = await wanted(await serve(ranged(content, [])), { sum: '0'.repeat(64) });
  await expect(download(file, listen())).rejects.toMatchObject({ code: 'checksum-wrong', exitCode: 5 });
  await expect(readFile(file.partFile)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a server that stops sending is given up, and what came is kept', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1_000));
  });
  const file = await wanted(url, { idleMs: 200 });
  const failing = download({ ...file, url }, listen());
  await expect(failing).rejects.toMatchObject({
    code: 'download-failed',
    message: expect.stringContaining('nothing came for 200 ms'),
  });
  expect(await readFile(file.partFile)).toEqual(content.subarray(0, 1_000));
});

test('a slow server that keeps sending is not given up', async () => {
  const url = await serve((_request, response) => {
    let sent = 0;
    const timer = setInterval(() => {
      response.write(content.subarray(sent, sent + 300_000));
      sent += 300_000;
      if (sent < content.length) return;
      clearInterval(timer);
      response.end();
    }, 50);
  });
  const file = await wanted(url, { idleMs: 300 });
  await download(file, listen());
  expect(content.equals(await readFile(file.partFile))).toBe(true);
});

test('an answer that is no file is a failure that names the address', async () => {
  const url = await serve((_request, response) => void response.writeHead(404).end('no such thing'));
  const failing = download(await wanted(url), listen());
  await expect(failing).rejects.toMatchObject({
    code: 'download-failed',
    message: expect.stringMatching(/127.0.0.1.*404/),
  });
});

test('nobody listening is a failure that says so', async () => {
  const failing = download(await wanted('http://127.0.0.1:1/image'), listen());
  await expect(failing).rejects.toMatchObject({
    code: 'download-failed',
    hint: expect.stringContaining('--mirror'),
  });
});

test('an interrupted download keeps what came', async () => {
  const controller = new AbortController();
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 50_000));
  });
  const file = await wanted(url);
  const onProgress = () => setTimeout(() => controller.abort(), 50);
  const work = { signal: controller.signal, onProgress, onNote: () => undefined };
  await expect(download(file, work)).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
  expect((await readFile(file.partFile)).length).toBeGreaterThan(0);
});
