import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What QEMU answers to its monitor within; it is local and has nothing else to do. */
const ANSWER_MS = 5_000;

/** A connection to a socket of the controller; `absent` where nobody listens, `busy` where too many want to speak. */
export function connectSocket(path: string): Promise<Socket | 'absent' | 'busy'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause: NodeJS.ErrnoException) =>
      resolve(cause.code === 'EAGAIN' ? 'busy' : 'absent'),
    );
  });
}

/** Whether a VM lives, which is whether somebody listens on its socket. */
export async function isListening(path: string): Promise<boolean> {
  const socket = await connectSocket(path);
  if (typeof socket !== 'string') socket.destroy();
  return socket !== 'absent';
}

/** `ended` aborts when whoever listens on `path` is gone; at once where nobody does. `release` stops watching. */
export async function watchLife(path: string): Promise<{ readonly ended: AbortSignal; release(): void }> {
  const controller = new AbortController();
  const socket = await connectSocket(path);
  if (socket === 'absent') controller.abort();
  if (typeof socket === 'string') return { ended: controller.signal, release: () => undefined };
  // What QEMU says is thrown away, so that the end behind it is seen.
  socket.on('error', () => undefined).on('close', () => controller.abort());
  socket.resume();
  return { ended: controller.signal, release: () => socket.removeAllListeners('close').destroy() };
}

/** Gives QEMU one command. False where it did not take it. */
export async function command(path: string, execute: string): Promise<boolean> {
  return (await ask(path, execute)) !== undefined;
}

/** What QEMU returns; undefined where nobody answers in time or it did not take the command. */
export async function ask(path: string, execute: string): Promise<unknown> {
  const socket = await connectSocket(path);
  if (typeof socket === 'string') return undefined;
  socket.on('error', () => undefined).setTimeout(ANSWER_MS, () => socket.destroy());
  try {
    socket.write(`{"execute":"qmp_capabilities","id":"hello"}\n{"execute":"${execute}","id":"done"}\n`);
    for await (const line of createInterface({ input: socket })) {
      const answer = parse(line);
      if (answer?.id === 'done') return answer.return;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function parse(line: string): { readonly id?: unknown; readonly return?: unknown } | undefined {
  try {
    return JSON.parse(line) as { id?: unknown; return?: unknown };
  } catch {
    return undefined;
  }
}
