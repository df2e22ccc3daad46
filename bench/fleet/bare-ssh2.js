/** The job on many hosts as a small program with ssh2 does it: it checks nothing but what would make the figures wrong. */
import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import ssh2 from 'ssh2';

/**
 * @typedef {{ readonly name: string, readonly port: number, readonly key: string }} Host
 * @typedef {{ readonly hosts: readonly Host[], readonly gcexp: string, readonly sha256: string, readonly configuration: string,
 *   readonly dir: string, readonly out: string, readonly parallel: number }} BareJob
 */

const PROBE = 'uname -srm; id -u; cat /proc/cmdline /proc/meminfo /proc/self/mountinfo /proc/self/cgroup';

/** @type {BareJob} */
const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const limit = pLimit(job.parallel);
await Promise.all(job.hosts.map((host) => limit(() => onHost(host))));

/** @param {Host} host */
async function onHost(host) {
  const here = join(job.out, host.name);
  const bin = `${job.dir}/bin/gcexp-${job.sha256}`;
  const run = `bench-${process.pid}-${host.name}`;
  const [client] = await Promise.all([open(host), mkdir(here, { recursive: true })]);
  const found = await said(client, `${PROBE}; sha256sum ${bin} 2>/dev/null || mkdir -p ${job.dir}/bin`);
  await writeFile(join(here, 'facts'), found);
  if (!found.includes(`${job.sha256} `)) {
    const upload = await exec(client, `cat >${bin}.new && chmod 700 ${bin}.new && mv ${bin}.new ${bin}`);
    const ended = closed(upload);
    upload.resume();
    await pipeline(createReadStream(job.gcexp), upload.stdin);
    await ended;
  }
  const start = await exec(client, `${bin} start >/dev/null`);
  start.resume();
  start.stdin.write(job.configuration.replace('@run@', run));
  await closed(start);
  const journal = await said(client, `cat ${job.dir}/runs/${run}/journal.ndjson`);
  await writeFile(join(here, 'journal.ndjson'), journal);
  await said(client, `${bin} clean -run ${job.dir}/runs/${run}`);
  client.end();
  if (!journal.includes('"reason":"complete"')) throw new Error(`${host.name}: the run did not end well`);
}

/** @param {Host} host @returns {Promise<import('ssh2').Client>} */
function open({ port, key }) {
  const client = new ssh2.Client();
  const sock = connect({ host: '127.0.0.1', port, noDelay: true });
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client)).once('error', reject);
    client.connect({
      sock,
      username: 'root',
      privateKey: readFileSync(key),
      authHandler: ['publickey'],
    });
  });
}

/** @param {import('ssh2').Client} client @param {string} command @returns {Promise<import('ssh2').ClientChannel>} */
function exec(client, command) {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
}

/** @param {import('ssh2').Client} client @param {string} command */
async function said(client, command) {
  const channel = await exec(client, command);
  const [text] = await Promise.all([buffer(channel.stdout), closed(channel)]);
  return text.toString();
}

/** @param {import('ssh2').ClientChannel} channel @returns {Promise<void>} */
function closed(channel) {
  channel.stderr.resume();
  return new Promise((resolve, reject) => {
    channel.once('exit', (code) => {
      if (code !== 0) reject(new Error(`a command ended with ${code}`));
    });
    channel.once('close', resolve);
  });
}
