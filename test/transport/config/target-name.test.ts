import { describe, expect, it } from 'vitest';
import { GclabError } from '../../../src/errors.js';
import { printable } from '../../../src/printable.js';
import { parseTargetName } from '../../../src/transport/config/target-name.js';

describe('parseTargetName', () => {
  it.each([
    ['vm1', { host: 'vm1' }],
    ['vm1.example.org', { host: 'vm1.example.org' }],
    ['lab@vm1', { user: 'lab', host: 'vm1' }],
    ['vm1:2222', { host: 'vm1', port: 2222 }],
    ['lab@vm1:2222', { user: 'lab', host: 'vm1', port: 2222 }],
    ['10.0.0.7', { host: '10.0.0.7' }],
    ['::1', { host: '::1' }],
    ['fe80::1%eth0', { host: 'fe80::1%eth0' }],
    ['[::1]', { host: '::1' }],
    ['[::1]:2222', { host: '::1', port: 2222 }],
    ['lab@[::1]:2222', { user: 'lab', host: '::1', port: 2222 }],
    ['[10.0.0.7]:2222', { host: '10.0.0.7', port: 2222 }],
    ['ssh://lab@vm1:2222', { user: 'lab', host: 'vm1', port: 2222 }],
    ['ssh://vm1/', { host: 'vm1' }],
    ['lab@corp@vm1', { user: 'lab@corp', host: 'vm1' }],
    ['CORP\\lab@vm1', { user: 'CORP\\lab', host: 'vm1' }],
    ['under_score', { host: 'under_score' }],
  ])('takes %s apart', (name, parts) => {
    expect(parseTargetName(name)).toEqual(parts);
  });

  it.each([
    ['', 'empty'],
    ['-oProxyCommand=id', 'dash'],
    ['-v', 'dash'],
    ['vm 1', 'a space'],
    ['vm1\n', 'a line break'],
    ["vm'1", "the character '"],
    ['vm"1', 'the character "'],
    ['$(id)', 'the character $'],
    ['`id`', 'the character `'],
    ['vm1;id', 'the character ;'],
    ['vm\u001b[31m', 'outside printable ASCII'],
    ['vmé', 'outside printable ASCII'],
    ['vm1:0', 'port'],
    ['vm1:65536', 'port'],
    ['vm1:22x', 'port'],
    ['vm1:', 'port'],
    [':22', 'host'],
    ['lab@', 'host'],
    ['@vm1', 'user name'],
    ['-l@vm1', 'dash'],
    ['lab@-vm1', 'host'],
    ['a:b:c', 'host'],
    ['[a:b:c]:22', 'host'],
    ['[::1', 'host'],
    ['*', 'the character *'],
  ])('refuses %j and says why', (name, why) => {
    const error = refusal(name);
    expect(error.code).toBe('bad-flag');
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(why);
    expect(printable(error.message)).toBe(error.message);
    expect(error.hint).toContain('user@host');
  });
});

function refusal(name: string): GclabError {
  try {
    parseTargetName(name);
  } catch (error) {
    if (error instanceof GclabError) return error;
  }
  throw new Error(`${name} was accepted`);
}
