import { GclabError } from '../errors.js';
import type { ReadRequest } from '../fleet/request.js';
import { probe } from '../kernel/facts/probe.js';
import type { Facts, Guest } from '../model.js';

/**
 * Reads the guest and settles how it lets us be root. Where sudo wants a password and asking was allowed, it is
 * asked for once and the guest is read again as root, since only root can prove what the kernel enforces.
 */
export async function readFacts(guest: Guest, request: ReadRequest): Promise<Facts> {
  const timing = { signal: request.signal, timeoutMs: request.probeTimeoutMs };
  const facts = await probe(guest, timing);
  if (facts.privilege !== 'sudo-password' || !request.askSudoPassword) {
    guest.setPrivilege(facts.privilege === 'sudo-password' ? 'none' : facts.privilege);
    return facts;
  }
  await askForPassword(guest, request);
  return await probe(guest, timing);
}

/** Asks once; `sudo-password` where nobody answers or sudo does not take it. */
export async function askForPassword(guest: Guest, request: ReadRequest): Promise<void> {
  const name = guest.target.name;
  const password = await request.connect.ask?.({
    target: name,
    prompt: `sudo password on ${name}: `,
    secret: true,
  });
  if (password === undefined)
    throw refused(name, 'no password was given', 'answer the prompt, on a terminal');
  guest.setPrivilege('sudo-password', password);
  const test = await guest.exec(['true'], {
    asRoot: true,
    timeoutMs: request.probeTimeoutMs,
    signal: request.signal,
  });
  if (test.exitCode !== 0) throw refused(name, 'sudo did not take the password', 'try again');
  request.sudoPasswords.set(guest.target.id, password);
}

function refused(target: string, what: string, hint: string): GclabError {
  return new GclabError({ code: 'sudo-password', doing: 'becoming root', target, what, hint });
}

/** In a few words, for progress. */
export function describeFacts(facts: Facts): string {
  const { os, kernel, architecture, cgroup } = facts;
  return `${os.name}, kernel ${kernel.release}, ${architecture.machine}, cgroup ${cgroup.hierarchy}`;
}
