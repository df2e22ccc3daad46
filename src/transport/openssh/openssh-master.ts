import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedAbort } from '../../concurrency/shared-abort.js';
import { GclabError } from '../../errors.js';
import type { ConnectSettings } from '../../model.js';
import { printable } from '../../printable.js';
import type { Endpoint } from '../config/endpoint.js';
import type { Addressed } from '../config/resolve-endpoint.js';
import type { Deadline } from '../deadline.js';
import { startAskpass } from './askpass.js';

/** A connection of the system's ssh that others go through (ControlMaster). */
export interface Master {
  /** The control socket. */
  readonly socket: string;
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

const READY = 'gclab-ready';

/** Pure: how ssh is run. What ssh_config says holds, but for what would be unsafe or is ours to say. */
export function masterArgv(
  endpoint: Endpoint,
  socket: string,
  configFile: string | null,
  settings: ConnectSettings,
): string[] {
  const { name } = endpoint;
  const option = (text: string): string[] => ['-o', text];
  return [
    'ssh',
    '-M',
    '-N',
    '-T',
    ...['-S', socket],
    ...(configFile === null ? [] : ['-F', configFile]),
    ...(name.user === undefined ? [] : ['-l', name.user]),
    ...(name.port === undefined ? [] : ['-p', String(name.port)]),
    ...option('ControlPersist=no'),
    // Said once it is authenticated and the socket is there.
    ...option('PermitLocalCommand=yes'),
    ...option(`LocalCommand=echo ${READY}`),
    ...option('ClearAllForwardings=yes'),
    ...option('ForwardAgent=no'),
    ...option('ForwardX11=no'),
    ...option(`ServerAliveInterval=${Math.max(1, Math.ceil(settings.keepaliveMs / 1000))}`),
    ...option('ServerAliveCountMax=3'),
    ...option(`BatchMode=${settings.ask === undefined ? 'yes' : 'no'}`),
    // "no" would let a changed key pass.
    ...(settings.acceptNew || endpoint.strict === 'no' ? option('StrictHostKeyChecking=accept-new') : []),
    '--',
    name.host,
  ];
}

export async function openMaster(
  target: Addressed,
  endpoint: Endpoint,
  settings: ConnectSettings,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<Master> {
  const folder = await mkdtemp(join(tmpdir(), 'gclab-'));
  const socket = join(folder, 'ssh');
  const { ask } = settings;
  const askpass =
    ask &&
    (await startAskpass(folder, (prompt, secret) =>
      deadline.exempt(() => ask({ target: target.name, prompt, secret })),
    ));
  const [program = '', ...args] = masterArgv(endpoint, socket, target.ssh.configFile, settings);
  // In a session of its own: Ctrl-C at the terminal is for us, and ssh must not ask there.
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...settings.env, ...askpass?.env },
  });
  const gone = watch(child, folder);
  try {
    await ready(target, endpoint, child, signal);
    return { socket, lost: gone, close: () => close(child, gone) };
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    askpass?.server.close();
  }
}

/** Aborts when ssh is gone; its folder goes with it, and it with us. */
function watch(child: ChildProcess, folder: string): AbortSignal {
  const gone = sharedAbort();
  const end = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  atExit.add(end);
  const ended = (): void => {
    atExit.delete(end);
    rmSync(folder, { recursive: true, force: true });
    gone.abort();
  };
  child.once('exit', ended);
  child.once('error', ended);
  return gone.signal;
}

const atExit = new Set<() => void>();
process.on('exit', () => {
  for (const end of atExit) end();
});

function ready(
  target: Addressed,
  endpoint: Endpoint,
  child: ChildProcess,
  signal: AbortSignal,
): Promise<void> {
  let said = '';
  let stderr = '';
  return new Promise((resolve, reject) => {
    const failed = (cause?: Error): void => reject(notConnected(target, endpoint, stderr, cause));
    const abandon = (): void => reject(signal.reason);
    if (signal.aborted) return abandon();
    signal.addEventListener('abort', abandon, { once: true });
    child.once('error', failed);
    child.once('close', () => failed());
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk}`.slice(-4_000);
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (!said.includes(READY)) return;
      signal.removeEventListener('abort', abandon);
      resolve();
    });
  });
}

function close(child: ChildProcess, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    gone.addEventListener('abort', () => resolve(), { once: true });
    child.kill();
  });
}

function notConnected(
  target: Addressed,
  endpoint: Endpoint,
  stderr: string,
  cause: Error | undefined,
): GclabError {
  return new GclabError({
    code: 'connection-failed',
    doing: `connecting to ${endpoint.host} port ${endpoint.port} with the system's ssh`,
    target: target.name,
    what: printable(stderr.trim() || cause?.message || 'ssh ended without a word'),
    hint: `ssh -v ${endpoint.name.host} shows more`,
    cause,
  });
}
