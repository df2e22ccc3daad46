#!/usr/bin/env node
/**
 * Plays limactl or multipass, by the name it is called under: remembers its VMs in FAKE_TOOL_FOLDER, writes down how it was
 * called, and lists them in the words of the real one. A file named `fail` there makes the verb inside it fail.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = process.env['FAKE_TOOL_FOLDER'] ?? '';
const tool = basename(process.argv[1] ?? '');
const args = process.argv.slice(2).filter((arg) => arg !== '--tty=false');
const verb = args[0] ?? '';
const stdin = args.includes('-') ? readFileSync(0, 'utf8') : null;
appendFileSync(join(folder, 'calls'), `${JSON.stringify({ argv: process.argv.slice(2), stdin })}\n`);

const stateFile = join(folder, 'state');
/** @type {Record<string, boolean>} name to whether it runs */
const state = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : {};
const address = {
  host: process.env['FAKE_HOST'] ?? '127.0.0.1',
  port: Number(process.env['FAKE_PORT'] ?? 0),
};

function limaList() {
  return Object.entries(state)
    .map(([name, running]) => {
      const port = running ? { sshLocalPort: address.port } : {};
      return `${JSON.stringify({ name, status: running ? 'Running' : 'Stopped', vmType: 'qemu', arch: 'x86_64', ...port })}\n`;
    })
    .join('');
}

/** A file named `addresses` says what comes at the first list, the second …; then, and without it, there is the address. */
function addresses() {
  const file = join(folder, 'addresses');
  const [first, ...others] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  if (first === undefined) return [address.host];
  writeFileSync(file, JSON.stringify(others));
  return first;
}

function multipassList() {
  const list = Object.entries(state).map(([name, running]) => {
    return {
      ipv4: running ? addresses() : [],
      name,
      release: 'Ubuntu 24.04 LTS',
      state: running ? 'Running' : 'Stopped',
    };
  });
  return JSON.stringify({ list }, null, 4);
}

const failing = join(folder, 'fail');
if (existsSync(failing) && readFileSync(failing, 'utf8') === verb) {
  // Half-made all the same, as a download that is cut leaves it.
  if (verb === 'create' || verb === 'launch') keep(args.find((arg) => arg.includes('gclab-')) ?? '', false);
  process.stderr.write(`${tool}: ${verb} failed\n`);
  process.exit(2);
}

/** @param {string} argument @param {boolean | undefined} running */
function keep(argument, running) {
  const name = argument.replace('--name=', '');
  if (running === undefined) delete state[name];
  else state[name] = running;
  writeFileSync(stateFile, JSON.stringify(state));
}

const instance = args.findLast((arg) => arg.includes('gclab-')) ?? '';
if (verb === 'list') process.stdout.write(tool === 'limactl' ? limaList() : multipassList());
else if (verb === 'create' || verb === 'launch') keep(instance, verb === 'launch');
else if (verb === 'delete') keep(instance, undefined);
else keep(instance, verb === 'start');
