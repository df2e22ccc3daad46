import type { LoggedEvent } from './event-schema.js';
import type { Listener, WorkflowEvent } from './events.js';

export const EVENTS_FILE = 'events.ndjson';

/** What happens to a run's folder as a whole. */
interface RunEvent {
  readonly kind: 'run-started' | 'run-resumed' | 'run-finished';
  readonly run: string;
  /** Version of gclab. */
  readonly gclab: string;
}

/** An error can repeat what a guest has printed. */
const LONGEST = 4_000;

/** Keeps what happens in a run's folder, a line each, while it happens. */
export class EventLog {
  constructor(
    /** Appends a line to a file of the folder, which remembers what it could not write. */
    private readonly append: (file: string, line: LoggedEvent) => Promise<void>,
    private readonly now: () => Date,
  ) {}

  /** Progress is no event that anybody would want later. */
  add(event: WorkflowEvent | RunEvent): void {
    if (event.kind === 'phase-progress') return;
    const line: LoggedEvent = { schema: 1, at: this.now().toISOString(), ...bounded(event) };
    this.append(EVENTS_FILE, line).catch(() => undefined);
  }

  /** What tells the log and this listener. */
  before(listener: Listener): Listener {
    return (event) => {
      this.add(event);
      listener(event);
    };
  }
}

function bounded<E extends object>(event: E): E {
  const cut = Object.entries(event).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.slice(0, LONGEST) : value,
  ]);
  return Object.fromEntries(cut) as E;
}
