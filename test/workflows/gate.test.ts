import { expect, test } from 'vitest';
import { probe } from '../../src/kernel/facts/probe.js';
import { gate } from '../../src/workflows/gate.js';
import { answering, fixture } from '../kernel/guests.js';

const LIMIT = 32 * 2 ** 20;

const factsOf = async (name: string) => await probe(answering(fixture(name)), { timeoutMs: 1_000 });

test.each([
  ['debian12-6.1-v2-root', null],
  ['host-6.18-hybrid-root', null],
  ['debian11-5.10-v2-swapaccount0-root', 'not-ready'],
  ['debian12-no-swap-limit-6.1', 'not-ready'],
  ['docker-read-only', 'cgroup-read-only'],
  ['macos-15', 'not-linux'],
  ['freebsd-14', 'not-linux'],
])('%s is let in, or refused with the code of what stands in the way: %s', async (name, code) => {
  const facts = await factsOf(name);
  const { refusal, readiness } = gate(facts, 'vm1', LIMIT);
  expect(refusal?.code ?? null).toBe(code);
  expect(readiness.ready).toBe(code === null);
  if (code === null) return;
  expect(refusal?.message).toContain('vm1: checking what the guest can enforce: ');
  expect(refusal?.hint).not.toBe('');
});

test('root that is refused a cgroup in a writable tree does not lack the right to make one', async () => {
  const facts = await factsOf('debian12-6.1-v2-root');
  const refused = { ...facts, cgroup: { ...facts.cgroup, refused: 'mkdir: try again' } };
  expect(gate(refused, 'vm1', LIMIT).refusal).toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('mkdir: try again'),
  });
});

test('an architecture that gcexp is not built for is refused by its name', async () => {
  const facts = await factsOf('debian12-6.1-v2-root');
  const riscv = { ...facts, architecture: { machine: 'riscv64', go: null } };
  expect(gate(riscv, 'vm1', LIMIT).refusal).toMatchObject({
    code: 'no-binary',
    message: expect.stringContaining('the guest is riscv64'),
  });
});

test('a limit above the memory that the guest has is refused, and one below is not', async () => {
  const facts = await factsOf('debian12-6.1-v2-root');
  expect(gate(facts, 'vm1', 2 ** 50).refusal).toMatchObject({ code: 'limit-above-memory' });
  expect(gate(facts, 'vm1', LIMIT).refusal).toBeNull();
});
