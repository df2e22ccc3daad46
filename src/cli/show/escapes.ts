type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a screen draws what escape sequences say; `TERM=dumb` is how one says that it does not. */
export function drawsEscapes(screen: { readonly isTTY?: boolean }, env: Environment = process.env): boolean {
  return screen.isTTY === true && env['TERM'] !== 'dumb';
}

/** Colours besides: not where the person wants none (no-color.org: the variable counts unless it is empty). */
export function drawsColours(screen: { readonly isTTY?: boolean }, env: Environment = process.env): boolean {
  return drawsEscapes(screen, env) && !env['NO_COLOR'];
}
