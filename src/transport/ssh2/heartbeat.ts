import type { Duplex } from 'node:stream';

/** This many intervals without a byte from the other side, and the line is dead. */
const MISSED = 4;

/**
 * Notices a line that fell silent. ssh2 asks the server for a sign of life every `intervalMs`, but it counts only
 * the answers to that: behind an upload over a slow line they come too late, and it would cut a healthy connection.
 * Here any byte counts, as with OpenSSH. Ticks are counted and not time, so a blocked event loop is no silence.
 */
export function watchHeartbeat(sock: Duplex, intervalMs: number, silent: () => void): void {
  if (intervalMs <= 0) return;
  let missed = 0;
  sock.on('data', () => {
    missed = 0;
  });
  const timer = setInterval(() => {
    if (++missed >= MISSED) silent();
  }, intervalMs);
  timer.unref();
  sock.once('close', () => clearInterval(timer));
}
