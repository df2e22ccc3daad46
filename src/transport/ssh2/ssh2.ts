/** ssh2 costs 60 ms to import, so it is imported while `ssh -G` runs, and not at all for `local`. */
export type Ssh2 = typeof import('ssh2');

let loading: Promise<Ssh2> | undefined;

export function loadSsh2(): Promise<Ssh2> {
  // CommonJS: all of it is there under `default`, by name only what Node's lexer could see.
  loading ??= import('ssh2').then((module: Ssh2 & { default?: Ssh2 }) => module.default ?? module);
  return loading;
}
