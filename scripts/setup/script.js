import { ROOT } from '../root.js';

/**
 * What a script gives to everything that takes time: what somebody types to go on, and whether to give up.
 * @typedef {{ readonly again: string, readonly signal: AbortSignal }} Work
 */

/** What ends a script: one line that says what is wrong and what to type. */
export class Stop extends Error {
  /** @param {string} message @param {number} [exitCode] 3: something that this machine lacks */
  constructor(message, exitCode = 3) {
    super(message);
    this.exitCode = exitCode;
  }
}

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a script to its end and sets the exit code. What stops it is said in one line; a fault of the script's own keeps
 * its stack. The first Ctrl-C aborts the work, the second ends the process.
 * @param {string} prefix @param {string} again @param {(work: Work) => Promise<void>} script
 * @returns {Promise<boolean>} whether it came to its end
 */
export async function runScript(prefix, again, script) {
  const controller = new AbortController();
  const work = { again, signal: controller.signal };
  const onSignal = () => (controller.signal.aborted ? process.exit(130) : controller.abort());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await script(work);
    return !work.signal.aborted;
  } catch (error) {
    const stop = asStop(error);
    process.stderr.write(`${prefix}: ${stop.message}\n`);
    process.exitCode = stop.exitCode;
    return false;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** @param {Work} work */
export function stopIfAborted({ again, signal }) {
  if (signal.aborted) throw new Stop(`interrupted; to go on, type: ${again}`, 130);
}

/** What the system refused is no fault of ours; anything else is, and is thrown again. @param {unknown} error */
function asStop(error) {
  if (error instanceof Stop) return error;
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const path = 'path' in error ? String(error.path) : '';
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Stop(
        path.startsWith(ROOT)
          ? `${ROOT} cannot be written to (${error.code}); copy it to a folder of your own and go on there: cp -R '${ROOT}' ~/gclab`
          : error.message,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new Stop(`the disk is full: ${error.message}`);
    default:
      throw error;
  }
}
