/**
 * `npm run bench:fleet`: the same job on many hosts, by gclab, by an OpenSSH script with one connection a host, and by a bare
 * ssh2 program, in turns. Needs root, sshd, and some minutes. `-- --hosts 1,50 --rounds 5` takes only these cases, more often.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { timed } from '../measure.js';
import { contenders } from './contenders.js';
import { CASES, type Case } from './goals.js';
import { type Hosts, startHosts } from './hosts.js';
import { theJob } from './job.js';
import { longLine } from './long-line.js';
import { peakMemory } from './peak-memory.js';
import { type FleetCost, fleetTable, type Row } from './table.js';

const { values: asked } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1,10,50,20' },
    rounds: { type: 'string', default: '3' },
    'long-line': { type: 'boolean', default: true },
  },
  allowNegative: true,
});
// So that the hosts end too.
process.once('SIGINT', () => process.exit(130));
/*
 * Where the variable is set Node reads the certificates before a program's first line: 30 ms of each process, whatever it does, and
 * nothing of what is measured here uses one.
 */
delete process.env['NODE_EXTRA_CA_CERTS'];
const job = theJob();
const sizes = asked.hosts.split(',').map(Number);
for (const one of CASES.filter(({ hosts }) => sizes.includes(hosts)))
  process.stdout.write(await measured(one));
if (asked['long-line']) process.stdout.write(await longLine(job, Number(asked.rounds)));

async function measured(one: Case): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'gclab-bench-fleet-'));
  const hosts = await startHosts(one.hosts, one.delayMs);
  try {
    const rows = contenders(hosts, job, work).map((command) => ({
      command,
      row: { name: command.name, cold: [] as FleetCost[], warm: [] as FleetCost[], peakMemory: 0 },
    }));
    for (let round = 0; round < Number(asked.rounds); round += 1) {
      for (const { command, row } of rows) {
        hosts.makeCold();
        row.cold.push(await costOf(hosts, () => timed(command)));
        row.warm.push(await costOf(hosts, () => timed(command)));
      }
    }
    for (const { command, row } of rows) {
      hosts.makeCold();
      row.peakMemory = await peakMemory(command);
    }
    return fleetTable(
      one,
      rows.map(({ row }): Row => row),
    );
  } finally {
    await hosts.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

async function costOf(hosts: Hosts, run: () => ReturnType<typeof timed>): Promise<FleetCost> {
  const before = hosts.cpuMs();
  const cost = await run();
  return { ...cost, guestCpuMs: hosts.cpuMs() - before };
}
