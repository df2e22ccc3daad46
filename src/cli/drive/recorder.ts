import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { GclabError } from '../../errors.js';
import { type DoneStep, withPauses, writeScenario } from '../../experiment/scenario/write.js';
import type { Step } from '../../experiment/steps/step.js';
import type { Settings } from '../../model.js';
import type { Participant } from '../../workflows/drive/participant.js';

interface Recorded {
  readonly step: Step;
  readonly firstRequest: number;
  readonly lastRequest: number;
}

/** Remembers what a session did, to write it as a scenario. */
export class Recorder {
  readonly #done: Recorded[] = [];

  /** Remembers a step that is about to be done; call what it gives when it was. */
  begin(step: Step, participant: Participant | undefined): () => void {
    const firstRequest = participant?.nextRequest ?? 0;
    return () => this.#done.push({ step, firstRequest, lastRequest: (participant?.nextRequest ?? 0) - 1 });
  }

  /** The steps with their timing on the guest's clock. */
  steps(participant: Participant | undefined): Step[] {
    const times = participant?.times;
    const timed = this.#done.map(({ step, firstRequest, lastRequest }): DoneStep => {
      if (lastRequest < firstRequest) return { step, beganAt: undefined, endedAt: undefined };
      const beganAt = times?.timeOf(firstRequest)?.beganAt;
      return { step, beganAt, endedAt: times?.timeOf(lastRequest)?.endedAt ?? beganAt };
    });
    return withPauses(timed);
  }

  /** Writes a new file and says how many steps are in it; `bad-step` where it is there already, or cannot be written. */
  async save(file: string, settings: Settings, participant: Participant | undefined): Promise<number> {
    const steps = this.steps(participant);
    if (steps.length === 0) throw notSaved(file, 'nothing was done yet');
    const name = basename(file)
      .replace(/\.ya?ml$/, '')
      .slice(0, 60);
    const text = writeScenario(name, 'Saved from a session of gclab remote drive.', settings, steps);
    try {
      await writeFile(file, text, { flag: 'wx' });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw notSaved(file, code === 'EEXIST' ? 'it is there already' : message);
    }
    return steps.length;
  }
}

function notSaved(file: string, what: string): GclabError {
  return new GclabError({ code: 'bad-step', doing: `saving ${file}`, what, hint: 'save under another name' });
}
