/** Where a session's lines come from and go to: a terminal, or pipes. */
export interface Console {
  readonly isTerminal: boolean;
  /** The next line; undefined once there will be none. */
  nextLine(): Promise<string | undefined>;
  /** A line for people, printable already. */
  print(line: string): void;
  /** Called on Ctrl-C, which is for the command under way, with the lines that were waiting behind it: those are dropped. */
  onInterrupt(listener: (dropped: readonly string[]) => void): void;
  /** Draws these lines in place, again and again; undefined takes them away. */
  showPanel(draw: ((width: number) => string[]) | undefined): void;
  close(): void;
}
