import { describe, expect, it } from 'vitest';
import { showChange } from '../../../src/cli/show/show-change.js';
import { hostTarget } from '../../../src/inventory/targets.js';
import type { ChangeDocument, ChangeRecord } from '../../../src/results/change-folder.js';

function shown(change: Partial<ChangeRecord>): string {
  const record: ChangeRecord = {
    ...hostTarget('vm1'),
    outcome: null,
    state: 'changing',
    plan: null,
    rebootMs: [],
    readiness: null,
    facts: null,
    error: null,
    ...change,
  };
  const document = { action: 'prepare', targets: [record] } as unknown as ChangeDocument;
  const lines: string[] = [];
  showChange(document, (line) => lines.push(line));
  return lines.join('\n');
}

const PUT_BACK = {
  code: 'change-failed',
  message: 'vm1: changing the kernel options: update-grub failed; what had been changed was put back',
  hint: 'mend /etc/default/grub',
};

describe('a change that did not finish', () => {
  it('leaves it to the error to say what is on the host', () => {
    const text = shown({ outcome: 'not-ready', error: PUT_BACK });
    expect(text).toContain('vm1: prepare: not done\n');
    expect(text).toContain('what had been changed was put back');
    expect(text).not.toContain('revert');
  });

  it('of a controller that was killed says how to go on', () => {
    expect(shown({})).toContain('run it again, or undo it with gclab remote revert');
  });
});
