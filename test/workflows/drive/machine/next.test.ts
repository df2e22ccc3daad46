import { describe, expect, it } from 'vitest';
import {
  ADD,
  answered,
  answerWith,
  began,
  Driven,
  errorOf,
  LISTENING,
  listening,
  NO_SESSION,
  passed,
  sample,
  TRIAL_END,
  TRIAL_START,
  UNTIL,
  WAIT,
} from './events.js';

const LOST = { kind: 'lost' } as const;
const CONNECTED = { kind: 'connected' } as const;
const add = { kind: 'step', step: ADD } as const;
const wait = { kind: 'step', step: WAIT } as const;
const until = { kind: 'step', step: UNTIL } as const;

const DONE = [{ kind: 'done', answer: null }];
const failedWith = (code: string) => [{ kind: 'failed', error: { code } }];

describe('a program that begins', () => {
  it('is reached where its journal says that it listens, and is listening once it is reached', () => {
    const driven = new Driven('session', CONNECTED).on(TRIAL_START, LISTENING);
    expect(driven.effects).toContainEqual({ do: 'open', port: 4321 });
    expect(driven.on({ kind: 'opened' }).told).toEqual(['listening']);
    expect(driven.state.at).toBe('idle');
  });

  it('and cannot be reached for want of a session has its run stopped at once, with the reason', () => {
    const driven = new Driven('session', CONNECTED, LISTENING).on({ kind: 'not-opened', error: NO_SESSION });
    expect(driven.effects).toContainEqual({ do: 'stop', error: NO_SESSION });
  });

  it('and seems not to listen may have ended: its journal is waited for', () => {
    const opening = (): Driven =>
      new Driven('session', CONNECTED, LISTENING).on({
        kind: 'not-opened',
        error: errorOf('tunnel-refused'),
      });
    expect(opening().on(TRIAL_END).state.at).toBe('ended');
    expect(opening().on(passed('end-shows')).effects).toContainEqual(
      expect.objectContaining({ do: 'stop', error: expect.objectContaining({ code: 'tunnel-refused' }) }),
    );
  });

  it('is reached over the next line where one dropped before its journal was read', () => {
    const gone = { kind: 'not-opened', error: errorOf('connection-lost') } as const;
    const driven = new Driven('steps', CONNECTED).on(LOST, LISTENING, gone, CONNECTED);
    expect(driven.effects.filter((effect) => effect.do === 'open')).toHaveLength(2);
    expect(driven.on({ kind: 'opened' }).told).toEqual(['listening']);
  });

  it('takes no step before it listens', () => {
    expect(new Driven('session', CONNECTED).on(add).settled).toMatchObject(failedWith('step-failed'));
  });

  it('follows another one in its run', () => {
    const driven = listening('steps').on({ kind: 'quit' }, TRIAL_END);
    expect(driven.state).toMatchObject({ at: 'ended', deadline: null });
    driven.on(TRIAL_START, LISTENING, { kind: 'opened' });
    expect(driven.state.at).toBe('idle');
    // Its requests go on with the numbers.
    expect(driven.on(add).sent).toEqual(['quit#0', 'add#1']);
  });
});

describe('a step', () => {
  it('is done when it is answered', () => {
    const answer = answerWith(1);
    const driven = listening().on(add, began(0), { kind: 'answer', number: 0, answer }, answered(0));
    expect(driven.sent).toEqual(['add#0']);
    expect(driven.settled).toEqual([{ kind: 'done', answer }]);
    expect(driven.state.at).toBe('idle');
  });

  it('that only waits is done when its time is over, line or no line', () => {
    expect(listening().on(wait, passed('wait')).settled).toEqual(DONE);
    expect(listening().on(wait, LOST, passed('wait')).settled).toEqual(DONE);
    expect(listening().on(wait, LOST, CONNECTED, passed('wait')).settled).toEqual(DONE);
  });

  it('that is refused fails with what the program says', () => {
    const failure = { kind: 'failure', number: 0, error: errorOf('request-refused') } as const;
    expect(listening().on(add, failure).settled).toMatchObject(failedWith('request-refused'));
  });

  it('that is not answered fails after its time, and what was sent is forgotten', () => {
    const driven = listening().on(add, passed('answer'));
    expect(driven.settled).toMatchObject(failedWith('remote-timeout'));
    expect(driven.effects).toContainEqual({ do: 'forget' });
    expect(driven.on({ kind: 'answer', number: 0, answer: answerWith(1) }).settled).toHaveLength(1);
  });

  it('that is given up leaves the program as it is', () => {
    const driven = listening().on(add, { kind: 'cancel' });
    expect(driven.settled).toMatchObject(failedWith('interrupted'));
    expect(driven.state.at).toBe('idle');
  });

  it.each(['program-gone', 'tunnel-refused', 'guest-answer', 'connection-lost'] as const)(
    'whose connection closed (%s) is over as its journal tells',
    (code) => {
      const doubtful = (): Driven =>
        listening().on(add, began(0), { kind: 'failure', number: 0, error: errorOf(code) });
      expect(doubtful().settled).toEqual([]);
      expect(doubtful().on(TRIAL_END).settled).toEqual([{ kind: 'ended' }]);
      expect(doubtful().on(answered(0)).settled).toEqual(DONE);
      expect(doubtful().on(passed('end-shows')).settled).toMatchObject(failedWith(code));
    },
  );

  it('is over when the program ends in it', () => {
    for (const step of [add, wait, until])
      expect(listening().on(step, TRIAL_END).settled).toEqual([{ kind: 'ended' }]);
  });

  it('is over at once where the program has ended', () => {
    expect(listening().on(TRIAL_END, add).settled).toEqual([{ kind: 'ended' }]);
  });
});

describe('waiting until something is so', () => {
  const first = { kind: 'answer', number: 0, answer: answerWith(2) } as const;

  it('is over at once where the first look finds it', () => {
    const answer = answerWith(5);
    const driven = listening().on(until, { kind: 'answer', number: 0, answer });
    expect(driven.sent).toEqual(['stats#0']);
    expect(driven.settled).toEqual([{ kind: 'done', answer }]);
  });

  it('looks at the journal from the first look on: what was sampled before says nothing', () => {
    const driven = listening().on(until, sample(9), first, sample(9));
    expect(driven.settled).toEqual([]);
    expect(driven.on(answered(0), sample(3)).settled).toEqual([]);
    expect(driven.on(sample(9)).settled).toMatchObject([{ kind: 'done', answer: { heap: { numGC: 9 } } }]);
    expect(driven.sent).toEqual(['stats#0']);
  });

  it('fails when its time is over, with the figure as it was last', () => {
    const driven = listening().on(until, first, answered(0), sample(3), passed('until'));
    expect(driven.settled).toMatchObject(failedWith('step-failed'));
    expect(driven.settled[0]).toMatchObject({ error: { what: 'it was not so within 0.9 s: it is 3' } });
  });

  it('goes on over a line that drops, in the same time', () => {
    const driven = listening().on(until, first);
    const [running] = driven.state.at === 'busy' ? [driven.state.step.deadline] : [];
    driven.on(LOST, CONNECTED);
    expect(driven.state).toMatchObject({ step: { deadline: running } });
    expect(driven.on(answered(1), sample(9)).settled).toMatchObject([{ kind: 'done' }]);
  });

  it('looks anew where the first look was lost with the line', () => {
    expect(listening().on(until, LOST, CONNECTED, answered(1)).sent).toEqual([
      'stats#0',
      'stats#1',
      'stats#2',
    ]);
  });

  it('asks a program without a journal again and again', () => {
    const driven = new Driven('attached', CONNECTED).on(until, first);
    expect(driven.effects).toContainEqual({ do: 'send', call: { do: 'stats' }, number: 1, afterMs: 100 });
    const found = { kind: 'answer', number: 1, answer: answerWith(5) } as const;
    expect(driven.on(found).settled).toMatchObject([{ kind: 'done' }]);
  });
});

describe('a line that drops', () => {
  it('while nothing is under way is caught up with by a request that only looks', () => {
    const driven = listening().on(LOST, CONNECTED, began(0));
    expect(driven.sent).toEqual(['stats#0']);
    expect(driven.told).toEqual(['lost']);
    expect(driven.on(answered(0)).told).toEqual(['lost', 'back']);
    expect(driven.state.at).toBe('idle');
  });

  it('before anybody was told that it listens tells that', () => {
    const driven = new Driven('session', CONNECTED, LISTENING).on(LOST, CONNECTED, answered(0));
    expect(driven.told).toEqual(['lost', 'listening']);
  });

  it.each([
    ['was done', [began(0), answered(0), answered(1)], DONE, ['add#0', 'stats#1']],
    ['had begun, and is done later', [began(0), answered(1), answered(0)], DONE, ['add#0', 'stats#1']],
    ['never came', [began(1), answered(1)], [], ['add#0', 'stats#1', 'add#2']],
    ['was refused', [answered(0, 409), answered(1)], [], ['add#0', 'stats#1', 'add#2']],
  ])('in a step that %s has it done once', (_, lines, settled, sent) => {
    const driven = listening().on(add, LOST, CONNECTED, ...lines);
    expect(driven.settled).toEqual(settled);
    expect(driven.sent).toEqual(sent);
    expect(driven.state.at).toBe(settled.length === 0 ? 'busy' : 'idle');
  });

  it('again while it is caught up begins that anew', () => {
    const driven = listening().on(add, LOST, CONNECTED, LOST, CONNECTED, began(2), answered(2));
    expect(driven.sent).toEqual(['add#0', 'stats#1', 'stats#2', 'add#3']);
    expect(driven.told).toEqual(['lost', 'lost', 'back']);
  });

  it('in a step that begins again does not take what comes much later for its end', () => {
    const driven = listening().on(add, LOST, CONNECTED, began(1), answered(1), answered(0, 409));
    expect(driven.settled).toEqual([]);
    expect(driven.on({ kind: 'answer', number: 2, answer: answerWith(1) }).settled).toMatchObject([
      { kind: 'done' },
    ]);
  });

  it('leaves a step that is asked for now for when it is up', () => {
    const driven = listening().on(LOST, add, CONNECTED);
    expect(driven.sent).toEqual(['stats#0']);
    expect(driven.on(answered(0)).sent).toEqual(['stats#0', 'add#1']);
  });

  it('and cannot be caught up with is gone on with after a while', () => {
    const driven = listening().on(LOST, CONNECTED, passed('catch-up'));
    expect(driven.state.at).toBe('idle');
  });

  it('leaves nobody knowing what became of a step of a program without a journal', () => {
    const driven = new Driven('attached', CONNECTED).on(add, LOST);
    expect(driven.settled).toMatchObject(failedWith('connection-lost'));
    expect(driven.on(CONNECTED, add).sent).toEqual(['add#0', 'add#1']);
    expect(driven.told).toEqual(['lost', 'back']);
  });
});

describe('quitting', () => {
  it('asks the program, and is over when its run is', () => {
    const driven = listening().on({ kind: 'quit' }, { kind: 'answer', number: 0, answer: answerWith(0) });
    expect(driven.sent).toEqual(['quit#0']);
    expect(driven.state).toMatchObject({ at: 'asked', deadline: { name: 'exit' } });
    expect(driven.on(TRIAL_END).state).toMatchObject({ at: 'ended', deadline: { name: 'finish' } });
    expect(driven.on({ kind: 'closed' }).state.at).toBe('over');
  });

  it('has the run stopped where the program does not answer, and leaves it where nobody does', () => {
    const driven = listening().on({ kind: 'quit' }, passed('quit-session'));
    const error = expect.objectContaining({
      code: 'remote-timeout',
      what: 'waited 5 s for the program to say that it ends: the run was stopped',
    });
    expect(driven.effects).toContainEqual({ do: 'stop', error });
    driven.on(passed('stop'));
    const left = expect.objectContaining({ code: 'remote-timeout', hint: 'gclab remote attach DIR' });
    expect(driven.effects).toContainEqual({ do: 'leave', error: left });
    expect(driven.state.at).toBe('left');
  });

  it('gives up the step under way', () => {
    expect(listening().on(add, { kind: 'quit' }).settled).toMatchObject(failedWith('interrupted'));
  });

  it('waits for the line, and asks once it is up', () => {
    const driven = listening().on(LOST, { kind: 'quit' });
    expect(driven.sent).toEqual([]);
    expect(driven.on(CONNECTED).sent).toEqual(['quit#0']);
    expect(driven.on(LOST, CONNECTED).sent).toEqual(['quit#0', 'quit#1']);
  });

  it('leaves a program of somebody else as it is', () => {
    const driven = new Driven('attached', CONNECTED).on({ kind: 'quit' });
    expect(driven.sent).toEqual([]);
    expect(driven.state.at).toBe('left');
  });
});

describe('an interruption', () => {
  it('has the run stopped, and a second one leaves it', () => {
    const driven = listening().on(add, { kind: 'interrupt' });
    expect(driven.settled).toMatchObject(failedWith('interrupted'));
    expect(driven.effects).toContainEqual(expect.objectContaining({ do: 'stop' }));
    driven.on({ kind: 'interrupt' });
    expect(driven.state.at).toBe('left');
    const left = expect.objectContaining({ code: 'interrupted', hint: 'gclab remote attach DIR' });
    expect(driven.effects).toContainEqual({ do: 'leave', error: left });
  });

  it('of a quit has the run stopped without waiting for the program', () => {
    expect(listening().on({ kind: 'quit' }, { kind: 'interrupt' }).state.at).toBe('stopping');
  });

  it('gives a supervisor that obeys the time to write, once', () => {
    const driven = listening().on({ kind: 'interrupt' }, TRIAL_END);
    expect(driven.state).toMatchObject({ at: 'stopping', deadline: { name: 'finish' } });
    expect(driven.on(TRIAL_END, passed('finish')).state.at).toBe('left');
  });
});
