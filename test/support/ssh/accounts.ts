import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OWN_MOUNTS } from '../mounts.js';

/** A user that one sshd sees and nobody else: in its own mount namespace, over copies of the files in /etc. */
export interface Account {
  readonly name: string;
  readonly password: string;
  readonly shell?: string;
  readonly sudo?: 'never' | 'password' | 'without-password';
  /** Files of the home folder, such as a .bashrc that prints. */
  readonly home?: Readonly<Record<string, string>>;
}

const FIRST_UID = 61_001;

/** Writes the files, and returns the argv that starts a program among these accounts. */
export function accountsPrefix(folder: string, accounts: readonly Account[]): string[] {
  if (accounts.length === 0) return [];
  accounts.forEach((account, index) => {
    makeHome(folder, account, FIRST_UID + index);
  });
  const files = {
    passwd: `${readFileSync('/etc/passwd', 'utf8')}${accounts.map((account, index) => passwdLine(folder, account, FIRST_UID + index)).join('')}`,
    shadow: accounts
      .map((account) => `${account.name}:${hash(account.password)}:19000:0:99999:7:::\n`)
      .join(''),
    sudoers: `root ALL=(ALL) ALL\n${accounts.map(sudoersLine).join('')}`,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), name === 'passwd' ? 0o644 : 0o440);
  }
  const mounts = Object.keys(files).map((name) => `mount --bind '${join(folder, name)}' /etc/${name}`);
  return [...OWN_MOUNTS, 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh'];
}

function makeHome(folder: string, account: Account, uid: number): void {
  const home = join(folder, 'home', account.name);
  mkdirSync(home, { recursive: true });
  chownSync(home, uid, uid);
  for (const [name, text] of Object.entries(account.home ?? {})) writeFileSync(join(home, name), text);
}

function passwdLine(folder: string, account: Account, uid: number): string {
  return `${account.name}:x:${uid}:${uid}::${join(folder, 'home', account.name)}:${account.shell ?? '/bin/bash'}\n`;
}

function sudoersLine(account: Account): string {
  if (account.sudo === 'password') return `${account.name} ALL=(ALL) ALL\n`;
  return account.sudo === 'without-password' ? `${account.name} ALL=(ALL) NOPASSWD: ALL\n` : '';
}

function hash(password: string): string {
  return execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($6$gclabgclab$))', password], {
    encoding: 'utf8',
  });
}
