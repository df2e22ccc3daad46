import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorFromGuest } from '../../../src/experiment/following/follow.js';
import { type Frame, FrameReader } from '../../../src/experiment/following/stream.js';
import { parseGuestError } from '../../../src/guest/guest-error.js';

function frame(kind: string, offset: number, body: string): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${kind} ${offset} ${bytes.length}\n`), bytes]);
}

const whole = Buffer.concat([
  Buffer.from('Welcome to vm1\nquota: none\n'),
  Buffer.from('gcexp-stream 1\n'),
  frame('journal', 0, '{"type":"journal"}\n'),
  frame('log', 0, 'journal 0 5\nnot a frame'),
  frame('alive', 0, ''),
  frame('end', 0, ''),
]);

function summary(frames: readonly Frame[]): string[] {
  return frames.map((one) =>
    'bytes' in one ? `${one.kind}@${one.offset} ${Buffer.from(one.bytes)}` : one.kind,
  );
}

const expected = ['journal@0 {"type":"journal"}\n', 'log@0 journal 0 5\nnot a frame', 'alive', 'end'];

describe('the stream', () => {
  it('begins after whatever the login shell had to say', () => {
    expect(summary(new FrameReader('vm1').push(whole))).toEqual(expected);
  });

  it('reads the same whatever pieces it comes in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const reader = new FrameReader('vm1');
        const frames: Frame[] = [];
        let at = 0;
        for (let piece = 0; at < whole.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          frames.push(...reader.push(whole.subarray(at, at + size)));
          at += size;
        }
        expect(summary(frames)).toEqual(expected);
      }),
    );
  });

  it.each([
    ['a header that is none', 'gcexp-stream 1\nrm -rf 0 0\n'],
    ['a header without an end', `gcexp-stream 1\n${'x'.repeat(100)}`],
    ['a frame too large to be true', 'gcexp-stream 1\njournal 0 999999999\n'],
    ['noise without end', 'y'.repeat(300 * 1_024)],
  ])('refuses %s', (_, text) => {
    expect(() => new FrameReader('vm1').push(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'guest-answer' }),
    );
  });

  it('keeps what came instead of a stream, for the message', () => {
    const reader = new FrameReader('vm1');
    reader.push(Buffer.from('sh: 1: gcexp: Permission denied\n'));
    expect(reader.noise).toContain('Permission denied');
  });
});

describe("gcexp's errors", () => {
  it('are read as they are', () => {
    const text = '{"code":"no-space","message":"the disk is full","hint":"free some"}';
    expect(parseGuestError(text)).toEqual({
      code: 'no-space',
      message: 'the disk is full',
      hint: 'free some',
    });
  });

  it('are not those of a guest that is not ready once a trial has begun there', () => {
    const full = { code: 'no-space', message: 'the disk is full', hint: 'free some' };
    expect(errorFromGuest(full, 'vm1', false)).toMatchObject({ code: 'no-space', exitCode: 3 });
    expect(errorFromGuest(full, 'vm1', true)).toMatchObject({
      code: 'run-failed',
      exitCode: 5,
      hint: 'free some',
    });
    expect(errorFromGuest({ ...full, code: 'port-in-use' }, 'vm1', true).code).toBe('port-in-use');
  });

  it('stay readable when they are something else', () => {
    expect(parseGuestError('Segmentation fault\n')).toEqual({
      code: 'failed',
      message: 'Segmentation fault',
      hint: '',
    });
    expect(parseGuestError('').message).not.toBe('');
  });
});
