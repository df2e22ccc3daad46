import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sshd, startSshd } from './support/ssh/sshd.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENTS = [...readdirSync(ROOT).filter((file) => file.endsWith('.md')), ...markdownBelow('docs')];

function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** The blocks marked `sh`: what the reader is told to type. */
function snippetsOf(document: string): string[] {
  return [...read(document).matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1] ?? '');
}

let server: Sshd;
let work: string;
beforeAll(async () => {
  server = await startSshd();
  work = mkdtempSync(join(tmpdir(), 'gclab-docs-'));
  mkdirSync(join(work, 'bin'));
  // The documents' vm1 is a real host here: this sshd.
  const config = join(work, 'ssh_config');
  writeFileSync(config, readFileSync(server.sshConfig, 'utf8').replace('Host guest', 'Host vm1'));
  const gclab = `#!/bin/sh\nexport GCLAB_SSH_CONFIG='${config}'\nexec '${process.execPath}' '${join(ROOT, 'bin', 'run.js')}' "$@"\n`;
  writeFileSync(join(work, 'bin', 'gclab'), gclab, { mode: 0o755 });
  copyFileSync(
    join(ROOT, 'dist', `gcexp-linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`),
    join(work, 'bin', 'gcexp'),
  );
  chmodSync(join(work, 'bin', 'gcexp'), 0o755);
});
afterAll(async () => {
  await server.stop();
  rmSync(work, { recursive: true });
});

function type(snippet: string): string {
  const PATH = `${join(work, 'bin')}${delimiter}${process.env['PATH']}`;
  return execFileSync('sh', ['-e'], {
    input: snippet,
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

describe.each(DOCUMENTS.filter((document) => snippetsOf(document).length > 0))('%s', (document) => {
  it.each(snippetsOf(document))('has a snippet that works: %s', (snippet) => {
    expect(() => type(snippet)).not.toThrow();
  });
});

describe('links between documents', () => {
  it.each(DOCUMENTS)('%s points at files that are there', (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    const broken = links.filter((link) => !existsSync(join(ROOT, dirname(document), link)));
    expect(broken.map((link) => `${relative('.', document)} → ${link}`)).toEqual([]);
  });
});
