import { setMaxListeners } from 'node:events';

/** One whose signal any number may listen to, such as all commands on a guest, or all targets of a run; Node takes the eleventh listener for a leak. */
export function sharedAbort(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
