/** What mmdebstrap says of itself and of the tools that it runs, when one of them has failed. */
const WRAPPER =
  /^E: (setup failed|mmdebstrap failed|command failed|run_chroot failed|.*\bfailed: process exited)/;

/** What is going on, which is no reason. */
const NEWS = /^(I: |packages: |Reading |Building |Get:\d|$)/;

const MOST_LINES = 3;

/**
 * The lines of a build's stderr that say why it failed: errors of apt and dpkg where there are some, else what the last
 * tool said before mmdebstrap told of its end.
 */
export function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => WRAPPER.test(line));
  const before = end < 0 ? lines : lines.slice(0, end);
  const errors = before.filter((line) => /^(E: |dpkg: error|dpkg-deb: error)/.test(line));
  if (errors.length > 0) return distinct(errors).slice(0, MOST_LINES).join('\n');
  const said = distinct(before.filter((line) => !NEWS.test(line))).slice(-MOST_LINES);
  return said.length > 0 ? said.join('\n') : stderr;
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
