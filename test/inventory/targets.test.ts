import { describe, expect, it } from 'vitest';
import { distinctTargets } from '../../src/inventory/distinct.js';
import { targetId } from '../../src/inventory/target-id.js';
import { hostTarget, LOCAL, vmTarget } from '../../src/inventory/targets.js';

/** As macOS sees a file name. */
function onMac(name: string): string {
  return name.toLowerCase().normalize('NFD');
}

describe('the id of a target', () => {
  it.each([
    ['vm1', 'vm1'],
    ['lab@vm1:22', 'lab@vm1+22'],
    ['10.0.0.7', '10.0.0.7'],
    ['gclab-lab_1.example', 'gclab-lab_1.example'],
  ])('is its name where that is plain: %s', (name, id) => {
    expect(hostTarget(name).id).toBe(id);
  });

  it.each([
    '..',
    '.',
    '../../etc',
    '/etc/passwd',
    'a/b',
    'a\nb',
    '$(id)',
    'x'.repeat(300),
    '',
    '.hidden',
    '-rf',
    'é',
  ])('never leads anywhere: %j', (name) => {
    expect(targetId(name)).toMatch(/^[a-z0-9_~][a-z0-9._@+~-]{0,110}$/);
  });

  it.each([
    ['web', 'Web'],
    ['WEB', 'Web'],
    ['a b', 'a/b'],
    ['caf\u00e9', 'cafe\u0301'],
    ['stra\u00dfe', 'strasse'],
    ['vm1:22', 'vm1+22'],
    ['x'.repeat(200), 'x'.repeat(201)],
  ])('tells %j from %j, also on a Mac', (one, other) => {
    expect(onMac(targetId(one))).not.toBe(onMac(targetId(other)));
  });

  it('is the same for each spelling of one host', () => {
    expect(hostTarget('ssh://lab@web:22/').id).toBe(hostTarget('lab@web:22').id);
    expect(hostTarget('[::1]').id).toBe(hostTarget('::1').id);
  });

  it('tells a VM from a host of its name, and from one that is called like its id', () => {
    const ids = [hostTarget('x'), vmTarget('x', null), hostTarget('vm+x'), hostTarget('vm:22')].map(
      ({ id }) => id,
    );
    expect(new Set(ids).size).toBe(4);
  });
});

describe('what a target has to be reached with', () => {
  it('is what was written, apart', () => {
    expect(hostTarget('lab@web:2222', '/etc/x').ssh).toEqual({
      host: 'web',
      user: 'lab',
      port: 2222,
      configFile: '/etc/x',
    });
    expect(hostTarget('web').ssh).toEqual({ host: 'web', user: null, port: null, configFile: null });
  });

  it('holds in another working folder too', () => {
    expect(hostTarget('web', 'config').ssh?.configFile).toBe(`${process.cwd()}/config`);
    expect(hostTarget('web', 'none').ssh?.configFile).toBe('none');
  });

  it('is nothing for this machine', () => {
    expect(hostTarget('local')).toBe(LOCAL);
  });

  it('is refused where it cannot be a host', () => {
    expect(() => hostTarget('a b')).toThrow(/cannot be a target/);
  });
});

describe('targets that were named', () => {
  it('keep their order, each once, and what was folded is said', () => {
    const { targets, notes } = distinctTargets(
      ['web', 'db', 'ssh://web', 'db'].map((name) => hostTarget(name)),
    );
    expect(targets.map(({ id }) => id)).toEqual(['web', 'db']);
    expect(notes).toEqual([
      'web and ssh://web name the same host: it is used once, as web',
      'db was named more than once: it is used once',
    ]);
  });

  it('are not folded where only their case is the same: ssh_config tells such aliases apart', () => {
    const { targets, notes } = distinctTargets([hostTarget('web'), hostTarget('Web')]);
    expect(targets.map(({ name }) => name)).toEqual(['web', 'Web']);
    expect(notes).toEqual([]);
  });

  it('have names of their own where a host and a VM share one', () => {
    const { targets, notes } = distinctTargets([vmTarget('x', null), hostTarget('x')]);
    expect(targets.map(({ name }) => name)).toEqual(['x (VM)', 'x']);
    expect(notes).toEqual(['x names a host and a VM: the VM is shown as x (VM)']);
  });
});
