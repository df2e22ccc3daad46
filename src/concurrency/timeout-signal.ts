/**
 * `AbortSignal.timeout`, which on Node 20 may be collected before it fires when nothing but `AbortSignal.any` knows of it: here
 * the timer holds on to its signal. Like the original it does not keep the process alive.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms).unref();
  return controller.signal;
}
