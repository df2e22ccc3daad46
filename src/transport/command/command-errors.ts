import { GclabError } from '../../errors.js';
import type { RemoteResult } from '../../model.js';

/** Which command, on which target; `result` as far as it got. */
interface Of {
  readonly target: string;
  readonly argv: readonly string[];
  readonly result?: RemoteResult;
}

export function interrupted({ target, argv, ...rest }: Of): GclabError {
  return new GclabError({
    code: 'interrupted',
    doing: `running ${argv[0]}`,
    target,
    what: 'interrupted',
    ...rest,
  });
}

/** `what`: that the line dropped, or that a channel closed without a status while the line held. */
export function connectionLost({ target, argv, ...rest }: Of, what: string, cause?: unknown): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing: `running ${argv[0]}`,
    target,
    what,
    hint: 'check that the host is up; what runs on it goes on, and a run can be picked up with gclab remote attach',
    cause,
    ...rest,
  });
}

export function startTimeout({ target, argv }: Of): GclabError {
  return new GclabError({
    code: 'remote-timeout',
    doing: `starting ${argv[0]}`,
    target,
    what: 'the host did not start it in time',
    hint: 'check that the host is not overloaded, and that no start-up file of its shell (such as ~/.bashrc) waits for input',
  });
}

export function noPrivilege({ target, argv }: Of): GclabError {
  return new GclabError({
    code: 'no-privilege',
    doing: `running ${argv[0]} as root`,
    target,
    what: 'its user is neither root nor allowed to use sudo',
    hint: 'connect as root, allow sudo, or give the sudo password with --ask-sudo-pass',
  });
}

/** `said`: sudo's last words; null where it asked again, which it does when the password was wrong. */
export function sudoRefused({ target, argv }: Of, said: string | null): GclabError {
  return new GclabError({
    code: 'sudo-password',
    doing: `running ${argv[0]} as root`,
    target,
    what: said === null ? 'sudo did not take the password' : `sudo refused (${said})`,
    hint:
      said === null
        ? 'type the password that this user has on that host'
        : 'check what sudo -l says on the host',
  });
}
