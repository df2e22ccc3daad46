import { createServer } from 'node:net';

/** `wanted` where it is free on the loopback, else one that the system picks. It is free now, and may be taken soon. */
export async function freePort(wanted: number | null): Promise<number> {
  if (wanted !== null) {
    const again = await tryPort(wanted);
    if (again !== undefined) return again;
  }
  const port = await tryPort(0);
  if (port === undefined) throw new Error('no free port on the loopback');
  return port;
}

/** Undefined when it is taken. */
export function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
