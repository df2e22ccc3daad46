import { describe, expect, test } from 'vitest';
import { type ErrorCode, GclabError } from '../../../src/errors.js';
import { hostTarget } from '../../../src/inventory/targets.js';
import { reboot } from '../../../src/kernel/reboot/reboot.js';
import type { RebootOptions, RebootPhase } from '../../../src/kernel/reboot/reboot-wait.js';
import type { Guest } from '../../../src/model.js';
import { answering } from '../guests.js';

const OLD = '11111111-1111-4111-8111-111111111111';
const NEW = '22222222-2222-4222-8222-222222222222';
const STEP = '\ngclab-answer\treboot\ngclab-end\tdone\n';

/** A guest whose connection is lost soon after it was asked to reboot. */
function dying(): Guest {
  const lost = AbortSignal.timeout(50);
  return { ...answering(STEP), target: hostTarget('vm1'), lost, setPrivilege: () => {} };
}

const fails = (code: ErrorCode) => async (): Promise<Guest> =>
  await Promise.reject(new GclabError({ code, doing: 'connecting', what: code }));
const answers = (bootId: string) => async () => answering(`${bootId}\n`);
const hangs = async (signal: AbortSignal): Promise<Guest> =>
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

interface Played {
  readonly phases: readonly RebootPhase[];
  readonly attempts: number;
  readonly bootId: string;
  readonly durationMs: number;
}

/** Each attempt to connect meets the next of these; the last stays. */
async function play(
  script: readonly RebootOptions['reconnect'][],
  options: Partial<RebootOptions> = {},
): Promise<Played> {
  const phases: RebootPhase[] = [];
  let attempts = 0;
  const reconnect: RebootOptions['reconnect'] = async (signal) =>
    await (script[Math.min(attempts++, script.length - 1)] as RebootOptions['reconnect'])(signal);
  const onPhase = (phase: RebootPhase) => phases.push(phase);
  const { bootId, durationMs } = await reboot(dying(), {
    reconnect,
    oldBootId: OLD,
    timeoutMs: 20_000,
    onPhase,
    ...options,
  });
  return { phases, attempts, bootId, durationMs };
}

async function failure(promise: Promise<unknown>): Promise<GclabError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GclabError);
  return error as GclabError;
}

describe('a reboot', () => {
  test('that the guest refuses ends at once, with what it said', async () => {
    const said = 'reboot-refused\tOperation denied due to active block inhibitor';
    const refuses = `${STEP}\ngclab-answer\treboot_answer\ngclab-end\t${said}\n`;
    let isClosed = false;
    const guest: Guest = {
      ...answering(refuses),
      target: hostTarget('vm1'),
      close: async () => {
        isClosed = true;
      },
    };
    const reconnect = fails('connection-refused');
    const error = await failure(reboot(guest, { reconnect, oldBootId: OLD, timeoutMs: 60_000 }));
    expect(error).toMatchObject({ code: 'not-ready', target: 'vm1' });
    expect(error.message).toContain('refused to reboot: Operation denied due to active block inhibitor');
    expect(isClosed).toBe(true);
  });

  test('is over when a fresh connection gives another boot id, and tells its phases', async () => {
    const script = [answers(OLD), fails('connection-refused'), fails('connection-timeout'), answers(NEW)];
    const { phases, bootId } = await play(script);
    expect(bootId).toBe(NEW);
    expect(phases).toEqual(['shutting-down', 'no-answer', 'up']);
  });

  test('takes a login that is refused for a start that is not over, and does not press', async () => {
    const { phases, attempts, durationMs } = await play([
      fails('connection-refused'),
      fails('auth-failed'),
      answers(NEW),
    ]);
    expect(phases).toEqual(['shutting-down', 'no-answer', 'starting', 'up']);
    expect(attempts).toBe(3);
    expect(durationMs).toBeGreaterThan(3_000);
  });

  test('does not take half a boot id, or no boot id, for a new one', async () => {
    const { bootId } = await play([answers('2222'), answers(''), answers(NEW)]);
    expect(bootId).toBe(NEW);
  }, 15_000);

  test('is seen behind an attempt that hangs', async () => {
    // Its own deadline is beyond this test's.
    expect(await play([hangs, answers(NEW)])).toMatchObject({ bootId: NEW, attempts: 2 });
  }, 9_000);

  test('that never ends says where it stopped', async () => {
    const old = await failure(play([answers(OLD)], { timeoutMs: 1_500 }));
    expect(old).toMatchObject({
      code: 'reboot-timeout',
      message: expect.stringContaining('still runs the old boot'),
    });
    const silent = await failure(play([fails('connection-refused')], { timeoutMs: 1_500 }));
    expect(silent.message).toContain('does not answer');
  });

  test('is never asked of the machine gclab runs on', async () => {
    const options = { reconnect: answers(NEW), oldBootId: OLD, timeoutMs: 1_000 };
    expect((await failure(reboot(answering(STEP), options))).code).toBe('not-ready');
  });

  test('stops at once for a changed host key, and when interrupted', async () => {
    expect((await failure(play([fails('host-key-changed')]))).code).toBe('host-key-changed');
    const signal = AbortSignal.timeout(800);
    expect((await failure(play([fails('connection-refused')], { signal }))).code).toBe('interrupted');
  });
});
