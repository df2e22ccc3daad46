import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on the loopback for one test. */
export async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Serves `content` in ranges; `cutAfter` breaks each connection after so many bytes. */
export function ranged(content: Buffer, seen: string[], cutAfter = Number.POSITIVE_INFINITY): Answer {
  return (request, response) => {
    const range = request.headers.range;
    seen.push(range ?? 'all');
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (from >= content.length) return void response.writeHead(416).end();
    const headers = {
      'content-length': content.length - from,
      'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    };
    response.writeHead(range === undefined ? 200 : 206, headers);
    const rest = content.subarray(from);
    if (rest.length <= cutAfter) return void response.end(rest);
    response.write(rest.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
  };
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
