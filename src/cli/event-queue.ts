/** Events that one side pushes and the other awaits, in order. After `end()` the rest is still handed out. */
export class EventQueue<Event> {
  readonly #events: Event[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  push(event: Event): void {
    this.#events.push(event);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next event that is `wanted`, passing over others; undefined when there will be none. */
  async next(wanted: (event: Event) => boolean = () => true): Promise<Event | undefined> {
    for (;;) {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        if (wanted(event)) return event;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
