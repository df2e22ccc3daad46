/** How each command is written and what it does: for help, completion and hints. */
export interface CommandHelp {
  readonly usage: string;
  readonly does: string;
}

export const STEP_HELP = {
  add: {
    usage: 'add SIZE [of SIZE]',
    does: 'allocate a slab and touch every page; with "of", made of objects of that size',
  },
  rel: { usage: 'rel SIZE', does: 'release that much, oldest first' },
  gc: { usage: 'gc', does: 'collect garbage now' },
  stats: { usage: 'stats', does: 'show the heap and what the cgroup is charged for' },
  reset: { usage: 'reset', does: 'release everything and collect' },
  cache: { usage: 'cache SIZE', does: 'write and read a file of that size: page cache inside the limit' },
  wait: { usage: 'wait TIME', does: 'do nothing for a while' },
  repeat: { usage: 'repeat N { STEP; STEP }', does: 'do these steps N times' },
  until: {
    usage: 'until METRIC < SIZE [within TIME]',
    does: 'wait until a figure is so: heapAlloc, heapInUse, heapIdle, heapReleased, heapGoal, sys, usage, numGC',
  },
} as const satisfies Record<string, CommandHelp>;

export const SESSION_HELP = {
  env: { usage: 'env', does: 'show the guest and the settings of the experiment' },
  again: { usage: 'again', does: 'start again with the same settings' },
  save: { usage: 'save FILE', does: 'write this session, with its timing, as a scenario' },
  help: { usage: 'help', does: 'show this' },
  quit: { usage: 'quit', does: 'end the experiment and the session' },
} as const satisfies Record<string, CommandHelp>;

export type StepName = keyof typeof STEP_HELP;
export type SessionName = keyof typeof SESSION_HELP;

export function isStepName(word: string): word is StepName {
  return Object.hasOwn(STEP_HELP, word);
}

export function isSessionName(word: string): word is SessionName {
  return Object.hasOwn(SESSION_HELP, word);
}

/** The words that may stand first, for a session or for a scenario. */
export function commandNames(inSession: boolean): string[] {
  return [...Object.keys(STEP_HELP), ...(inSession ? Object.keys(SESSION_HELP) : [])];
}
