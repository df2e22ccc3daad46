import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { GclabError } from '../../errors.js';
import type { TargetName } from './target-name.js';

/** ssh_config as it applies to one host: lower-case keyword → its values, one an occurrence. */
export interface SshOptions {
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** False where there is no `ssh` to ask: these are the defaults then, and no file was read. */
  readonly fromSsh: boolean;
}

export interface SshConfigQuery {
  /** The target's name as the user wrote it, for errors. */
  readonly target: string;
  readonly name: TargetName;
  /** `ssh -F`. */
  readonly configFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Pure: what to run to be told. */
export function sshConfigArgv(name: TargetName, configFile?: string): string[] {
  const file = configFile === undefined ? [] : ['-F', configFile];
  const user = name.user === undefined ? [] : ['-l', name.user];
  const port = name.port === undefined ? [] : ['-p', String(name.port)];
  return ['ssh', '-G', ...file, ...user, ...port, '--', name.host];
}

/** Asks `ssh -G`, so Include, Match and canonicalisation mean what they mean to ssh. */
export async function readSshConfig(query: SshConfigQuery): Promise<SshOptions> {
  const [program = '', ...args] = sshConfigArgv(query.name, query.configFile);
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { env: query.env, signal: query.signal, maxBuffer: 4 << 20 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ values: parseSshConfig(stdout), fromSsh: true });
        else if (query.signal?.aborted) reject(error);
        else if (error.code === ('ENOENT' as unknown)) resolveWithoutSsh(query, resolve, reject);
        else reject(configError(query, stderr.trim() || error.message));
      },
    );
  });
}

/** The output of `ssh -G`. */
export function parseSshConfig(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(space + 1)]);
  }
  return values;
}

function resolveWithoutSsh(
  query: SshConfigQuery,
  resolve: (options: SshOptions) => void,
  reject: (error: unknown) => void,
): void {
  if (query.configFile === undefined) resolve({ values: defaults(query.name), fromSsh: false });
  else
    reject(
      configError(
        query,
        'reading it needs the ssh program, which is not on the PATH',
        'install the OpenSSH client (openssh-client), or leave --ssh-config out and name user, host and port',
      ),
    );
}

function defaults(name: TargetName): Map<string, string[]> {
  const ssh = `${userInfo().homedir}/.ssh`;
  return new Map([
    ['hostname', [name.host]],
    ['user', [name.user ?? userInfo().username]],
    ['port', [String(name.port ?? 22)]],
    ['identityfile', ['rsa', 'ecdsa', 'ed25519'].map((type) => `~/.ssh/id_${type}`)],
    ['userknownhostsfile', [`${ssh}/known_hosts ${ssh}/known_hosts2`]],
    ['globalknownhostsfile', ['/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2']],
    ['stricthostkeychecking', ['ask']],
  ]);
}

function configError(query: SshConfigQuery, what: string, hint?: string): GclabError {
  return new GclabError({
    code: 'ssh-config',
    doing: `reading ${query.configFile ?? 'ssh_config'} for it`,
    target: query.target,
    what: what.replaceAll('\r', '').split('\n').join('; '),
    hint: hint ?? 'mend the line named above, or give another file with --ssh-config',
  });
}
