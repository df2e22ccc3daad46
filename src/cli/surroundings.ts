import { join } from 'node:path';
import type { Question, Target } from '../model.js';
import type { RunRequest } from '../workflows/run-request.js';
import { askOnTerminal } from './ask.js';
import type { BaseCommand } from './base-command.js';
import { createProgress } from './create-progress.js';

export interface ConnectFlags {
  readonly 'ssh-config': string | undefined;
  readonly 'accept-new': boolean;
  readonly 'ask-sudo-pass': boolean;
  readonly 'connect-timeout': number;
  readonly 'probe-timeout': number;
}

type Around = Pick<
  RunRequest,
  | 'connect'
  | 'askSudoPassword'
  | 'sudoPasswords'
  | 'probeTimeoutMs'
  | 'dist'
  | 'version'
  | 'listener'
  | 'signal'
  | 'now'
>;

export interface Surroundings {
  /** The part of a workflow's request that comes from flags, the environment, the clock and the terminal. */
  readonly request: Around;
  finish(): Promise<void>;
}

/** Gathers once what a connecting command needs from outside, so that nothing below reads it by itself. */
export async function surroundings(
  command: BaseCommand,
  flags: ConnectFlags,
  targets: readonly Target[],
): Promise<Surroundings> {
  const progress = await createProgress({
    stream: process.stderr,
    targets: targets.map((target) => target.name),
    interactive: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
  });
  const askPlain = askOnTerminal();
  const ask = askPlain === undefined ? undefined : pausing(askPlain, progress);
  return {
    request: {
      connect: {
        ...(flags['ssh-config'] === undefined ? {} : { sshConfigFile: flags['ssh-config'] }),
        ...(ask === undefined ? {} : { ask }),
        acceptNew: flags['accept-new'],
        connectTimeoutMs: flags['connect-timeout'],
        keepaliveMs: 5_000,
        env: process.env,
      },
      askSudoPassword: flags['ask-sudo-pass'],
      sudoPasswords: new Map(),
      probeTimeoutMs: flags['probe-timeout'],
      dist: join(command.config.root, 'dist'),
      version: command.config.version,
      listener: progress.listener,
      signal: command.signal,
      now: () => new Date(),
    },
    finish: () => progress.finish(),
  };
}

type Ask = (question: Question) => Promise<string | undefined>;

function pausing(ask: Ask, progress: { pause(): Promise<void>; resume(): void }): Ask {
  return async (question) => {
    await progress.pause();
    try {
      return await ask(question);
    } finally {
      progress.resume();
    }
  };
}
