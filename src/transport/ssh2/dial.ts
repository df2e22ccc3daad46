import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ErrorCode, GclabError } from '../../errors.js';
import type { Endpoint } from '../config/endpoint.js';

const TCP_ERRORS: Readonly<Record<string, { code: ErrorCode; what: string; hint: string }>> = {
  ECONNREFUSED: {
    code: 'connection-refused',
    what: 'nothing listens there',
    hint: 'check that the host is up and sshd runs, and the port',
  },
  ENOTFOUND: {
    code: 'unknown-host',
    what: 'no such host: neither an alias of ssh_config nor a name that can be looked up',
    hint: 'check the spelling, or add a Host entry to ssh_config',
  },
  EAI_AGAIN: {
    code: 'unknown-host',
    what: 'the name could not be looked up now',
    hint: 'check the spelling and the network, or add a Host entry with a HostName to ssh_config',
  },
  ETIMEDOUT: {
    code: 'connection-timeout',
    what: 'no answer',
    hint: 'check that the host is up and that no firewall drops the connection',
  },
};

const TIMED_OUT = Object.assign(new Error('ConnectTimeout'), { code: 'ETIMEDOUT' });

/** A TCP connection; rejects with a GclabError. The caller owns the socket. ConnectTimeout of ssh_config holds for it. */
export function dialTcp(endpoint: Endpoint, target: string, signal: AbortSignal): Promise<Socket> {
  const { host, port, family, bindAddress, connectTimeoutMs } = endpoint;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      family,
      noDelay: true,
      ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
    });
    const abandon = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abandon();
    signal.addEventListener('abort', abandon, { once: true });
    if (connectTimeoutMs !== undefined) socket.setTimeout(connectTimeoutMs, () => socket.destroy(TIMED_OUT));
    socket.once('connect', () => {
      socket.setTimeout(0);
      signal.removeEventListener('abort', abandon);
      resolve(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abandon);
      reject(tcpError(endpoint, target, error));
    });
  });
}

function tcpError(endpoint: Endpoint, target: string, error: NodeJS.ErrnoException): GclabError {
  const known = TCP_ERRORS[error.code ?? ''];
  return new GclabError({
    code: known?.code ?? 'connection-failed',
    doing: `connecting to ${endpoint.host} port ${endpoint.port}`,
    target,
    what: known?.what ?? error.message,
    hint: known?.hint ?? 'check the network and the host',
    cause: error,
  });
}

/** ProxyCommand: a program whose stdin and stdout are the connection. */
export function dialCommand(command: string): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once('error', (error) => stream.destroy(error));
  // It may fail before anybody listens; who comes later sees it destroyed.
  stream.on('error', () => {});
  stream.once('close', () => child.kill());
  return stream;
}
