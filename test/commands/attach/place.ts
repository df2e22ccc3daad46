import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunDocument, TargetRecord } from '../../../src/results/run-folder.js';
import { type CliOptions, type CliResult, gclab } from '../../support/cli.js';
import type { Sshd } from '../../support/ssh/sshd.js';

/** A place for one test: results and the guest's folder. */
export class Place {
  readonly folder: string;
  /** The folder of results. */
  readonly out: string;
  /** gclab's folder on the guest. */
  readonly guest: string;

  constructor(
    work: string,
    private readonly server: Sshd,
  ) {
    this.folder = mkdtempSync(join(work, 'place-'));
    this.out = join(this.folder, 'results');
    this.guest = join(this.folder, 'guest');
  }

  run(options: CliOptions, ...args: string[]): Promise<CliResult> {
    const where = ['--host', 'guest', '--ssh-config', this.server.sshConfig, '--guest-dir', this.guest];
    return gclab(['remote', 'run', ...where, '--out', this.out, ...args], { cwd: this.folder, ...options });
  }

  attach(...args: string[]): Promise<CliResult> {
    return gclab(['remote', 'attach', '--out', this.out, '--json', ...args], { cwd: this.folder });
  }

  /** A run whose controller is killed as soon as stderr has `when`. Gives the run's id. */
  async killed(when: string, ...args: string[]): Promise<string> {
    let isKilled = false;
    const onStderr = (soFar: string, child: ChildProcess): void => {
      if (isKilled || !soFar.includes(when)) return;
      isKilled = true;
      child.kill('SIGKILL');
    };
    await this.run({ onStderr }, ...args);
    expect(isKilled).toBe(true);
    return readdirSync(this.out).sort().at(-1) ?? '';
  }
}

export function documentOf({ stdout }: CliResult): RunDocument {
  return JSON.parse(stdout) as RunDocument;
}

export function only({ targets }: RunDocument): TargetRecord {
  const [record] = targets;
  if (record === undefined) throw new Error('no target');
  return record;
}
