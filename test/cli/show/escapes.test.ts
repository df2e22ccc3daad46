import { expect, test } from 'vitest';
import { drawsColours, drawsEscapes } from '../../../src/cli/show/escapes.js';

test.each([
  [true, { TERM: 'xterm' }, true, true],
  [true, {}, true, true],
  [true, { TERM: 'dumb' }, false, false],
  [true, { TERM: 'xterm', NO_COLOR: '1' }, true, false],
  [true, { TERM: 'xterm', NO_COLOR: '' }, true, true],
  [false, { TERM: 'xterm' }, false, false],
  [undefined, { TERM: 'xterm' }, false, false],
])('a screen (terminal: %s) with %j draws escapes: %s, colours: %s', (isTTY, env, escapes, colours) => {
  const screen = isTTY === undefined ? {} : { isTTY };
  expect([drawsEscapes(screen, env), drawsColours(screen, env)]).toEqual([escapes, colours]);
});
