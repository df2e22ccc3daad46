import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The sum of `file` in what `sha256sum` and its like print; undefined where it isn't listed. */
export function sumOf(sums: string, file: string): string | undefined {
  for (const line of sums.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64}|[0-9a-f]{128})\s[ *]?(\S+)\s*$/i.exec(line) ?? [];
    if (name?.replace(/^\.\//, '') === file) return sum?.toLowerCase();
  }
  return undefined;
}

/** The sum of a file on disk, as lower-case hexadecimal. `onBytes` gets the size of each piece read. */
export async function hashFile(
  file: string,
  algorithm: 'sha256' | 'sha512',
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  return hash.digest('hex');
}
