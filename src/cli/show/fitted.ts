import type { Print } from './lines.js';

/** A stream that may be a terminal. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How many columns there are; a terminal that says none, or that it has no width, has 80. */
export function widthOf({ columns }: Screen): number {
  return columns === undefined || columns <= 0 ? 80 : columns;
}

/** On a terminal, lines that are too long for it are broken between words, and go on a little further in. */
export async function fitted(print: Print, screen: Screen): Promise<Print> {
  if (screen.isTTY !== true) return print;
  const { default: wrap } = await import('wrap-ansi');
  const width = widthOf(screen);
  return (line) => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    const within = width - indent.length - 2;
    if (line.length <= width || within < 20) return print(line);
    const [first = '', ...rest] = wrap(line.slice(indent.length), within, { trim: true }).split('\n');
    print(indent + first);
    for (const piece of rest) print(`${indent}  ${piece}`);
  };
}
