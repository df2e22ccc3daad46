import type { Participant } from '../../workflows/drive/participant.js';
import { drawCompact, drawPanel, type PanelSubject } from './panel.js';

/** What is shown is this much behind: by then the samples of the moment are here, over a slow line too. */
const BEHIND_US = 300_000;

/** Draws the targets; between two lines of a journal the guest's clock is taken to run on as this one does. */
export function panelOf(
  participants: readonly Participant[],
  stateOf: (target: string) => string,
): (width: number) => string[] {
  const clocks = new Map(participants.map((one) => [one.target, new Clock()]));
  return (width) => {
    const subjects = participants.map((participant): PanelSubject => {
      const nowUs = clocks.get(participant.target)?.now(participant) ?? 0;
      const { target, live, hasJournal } = participant;
      return { target, live, hasJournal, nowUs, state: stateOf(target) };
    });
    const [only] = subjects;
    return subjects.length === 1 && only !== undefined
      ? drawPanel(only, width)
      : drawCompact(subjects, width);
  };
}

class Clock {
  #t = 0;
  #at = 0;

  now({ live }: Participant): number {
    if (live.t !== this.#t) {
      this.#t = live.t;
      this.#at = performance.now();
    }
    if (live.hasEnded) return live.t;
    const ran = Math.min(BEHIND_US, (performance.now() - this.#at) * 1_000);
    return Math.max(0, this.#t + ran - BEHIND_US);
  }
}
