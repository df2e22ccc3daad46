import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A monitor of QEMU, played in this process: answers what it is told to, and tells events. */
export interface FakeMonitor {
  /** By command; a function is asked each time, and what is missing is refused. */
  readonly answers: Record<string, unknown>;
  tell(event: string, data?: object): void;
  close(): Promise<void>;
}

export async function fakeMonitor(path: string, answers: Record<string, unknown>): Promise<FakeMonitor> {
  const sockets = new Set<Socket>();
  const all: Record<string, unknown> = { qmp_capabilities: {}, ...answers };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.write('{"QMP":{"version":{},"capabilities":[]}}\r\n');
    let rest = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) socket.write(`${JSON.stringify(reply(all, line))}\r\n`);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    answers: all,
    tell: (event, data) => {
      for (const socket of sockets) socket.write(`${JSON.stringify({ event, data, timestamp: {} })}\r\n`);
    },
    close,
  };
}

function reply(answers: Record<string, unknown>, line: string): object {
  const { execute, id } = JSON.parse(line) as { execute: string; id: number };
  const answer = answers[execute];
  if (answer === undefined) return { error: { class: 'CommandNotFound', desc: execute }, id };
  return { return: typeof answer === 'function' ? answer() : answer, id };
}
