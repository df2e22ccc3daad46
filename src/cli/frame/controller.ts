import { hostname, release } from 'node:os';
import type { ControllerFacts } from '../../results/run-folder.js';

/** What this process runs on, and as what it was called. */
export function controllerFacts(argv: readonly string[]): ControllerFacts {
  return {
    hostName: hostname(),
    platform: process.platform,
    release: release(),
    architecture: process.arch,
    node: process.version,
    argv: maskedArgv(argv),
  };
}

const MASK = '***';
const SECRET_NAME = /secret|token|passw|passphrase|pwd|credential|api_?key|private_?key|auth|cookie/i;

/** Pure: without the values of variables and flags whose names sound secret, and the passwords of addresses. */
export function maskedArgv(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const before = argv[index - 1] ?? '';
    const isValue = /^--[a-z-]+$/.test(before) && SECRET_NAME.test(before);
    return isValue ? MASK : maskedWord(word);
  });
}

function maskedWord(word: string): string {
  const [, name = '', value] = /^(?:--[a-z-]+=)?([A-Za-z_][\w-]*)=(.*)$/s.exec(word) ?? [];
  if (value !== undefined && SECRET_NAME.test(name))
    return `${word.slice(0, word.length - value.length)}${MASK}`;
  const flag = /^(--[a-z-]+)=/.exec(word)?.[1];
  if (flag !== undefined && SECRET_NAME.test(flag)) return `${flag}=${MASK}`;
  return word.replace(/(\/\/[^/@:\s]*:)[^/@\s]+@/g, `$1${MASK}@`);
}
