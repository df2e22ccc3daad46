import { describe, expect, it } from 'vitest';
import { controllerFacts, maskedArgv } from '../../../src/cli/frame/controller.js';

describe('the command line that is kept', () => {
  it.each([
    [
      ['--env', 'API_TOKEN=abc', '--host', 'vm1'],
      ['--env', 'API_TOKEN=***', '--host', 'vm1'],
    ],
    [['--env=DB_PASSWORD=a=b\nc'], ['--env=DB_PASSWORD=***']],
    [
      ['--token', 'abc', '--json'],
      ['--token', '***', '--json'],
    ],
    [['--password=abc'], ['--password=***']],
    [
      ['--mirror', 'http://me:abc@mirror.example/x'],
      ['--mirror', 'http://me:***@mirror.example/x'],
    ],
  ])('has no secret in it: %j', (argv, kept) => {
    expect(maskedArgv(argv)).toEqual(kept);
  });

  it('is otherwise as it was typed', () => {
    const argv = [
      'remote',
      'run',
      '--host',
      'lab@vm1:22',
      '--env',
      'GODEBUG=gctrace=1',
      '--gomemlimit=28MiB',
      '',
    ];
    expect(maskedArgv(argv)).toEqual(argv);
  });

  it('is kept with what it ran on', () => {
    expect(controllerFacts(['doctor'])).toMatchObject({
      platform: process.platform,
      architecture: process.arch,
      node: process.version,
      argv: ['doctor'],
    });
  });
});
