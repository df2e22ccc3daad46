/** The words of gclab as types. Nothing here runs. Sizes are bytes, durations milliseconds, unless named. */
import type { Duplex, Readable, Writable } from 'node:stream';

// ── connecting ──────────────────────────────────────────────────────────────────────────────────

/** Where a target comes from, and with it what can be done with it besides connecting. */
export type TargetSource =
  /** This machine, without SSH. */
  | { readonly kind: 'local' }
  /** A host that ssh reaches. */
  | { readonly kind: 'host' }
  /** A VM of `gclab vm`: its power and its console are looked up by this name. */
  | { readonly kind: 'vm'; readonly vm: string };

/** What ssh has to be told to reach a host; the rest comes from ssh_config. */
export interface SshAddress {
  /** An alias of ssh_config, a host name or an IP address. */
  readonly host: string;
  /** Null: as ssh_config says. */
  readonly user: string | null;
  readonly port: number | null;
  /** `ssh -F`, an absolute path or `none`; null: the user's own. */
  readonly configFile: string | null;
}

/** An inventory entry, before connecting: data, so that it can be written down and reached again from that alone. */
export interface Target {
  /**
   * Tells it from every other target, by what it is and not by what stands beside it in a run. The name of its folder: lower-case
   * letters, digits and `._@+~-`, so also one of its own where file names ignore case or are normalised.
   */
  readonly id: string;
  /** For people, as they wrote it (`vm1`, `user@host`, `host:port`, `local`); unique within a run. */
  readonly name: string;
  readonly source: TargetSource;
  readonly labels: Readonly<Record<string, string>>;
  /** Null: this machine, or a VM of which nothing is known yet. */
  readonly ssh: SshAddress | null;
}

/** One command on a guest, ended. An error carries the same fields. */
export interface RemoteResult {
  readonly argv: readonly string[];
  /** Null when a signal ended it or the connection closed without a status: never a success. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
}

export interface ExecOptions {
  /** Given to the command's stdin, which then ends. Absent: stdin ends at once. */
  readonly stdin?: string | Uint8Array | Readable;
  /** The whole command's deadline; past it the channel is closed and the result says `timedOut`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** More than this on stdout or stderr is cut off (default 1 MiB each). */
  readonly maxOutputBytes?: number;
  /** Run as root, by the guest's `privilege`. */
  readonly asRoot?: boolean;
}

/** A command on a guest that is still running. */
export interface RemoteStream {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Settles when the channel is closed. Rejects with `connection-lost` when the line dropped. The
   * result's `stdout` is empty (it was streamed); `stderr` is bounded.
   */
  readonly done: Promise<RemoteResult>;
  /** Closes the channel. The remote process sees its stdin end; nothing else kills it. */
  close(): void;
}

/** How a guest lets us be root: already, by `sudo -n`, by sudo with a password, or not at all. */
export type Privilege = 'root' | 'sudo' | 'sudo-password' | 'none';

/** A connected target. Everything that reaches a guest goes through this. */
export interface Guest {
  readonly target: Target;
  /** How the guest is reached, for people: `lab@127.0.0.1:22 (ed25519 SHA256:…)`. */
  readonly address: string;
  /** `none` until `setPrivilege` was called. */
  readonly privilege: Privilege;
  /** `password` goes with `sudo-password` only; it is never logged and never in argv. */
  setPrivilege(privilege: Privilege, password?: string): void;
  /**
   * Runs a command to its end. Resolves for any exit code and on time-out; rejects with
   * `connection-lost` when the line drops and `interrupted` when `signal` aborts. The argv arrives unchanged whatever
   * is in it and whichever login shell the guest has (transport/quote.ts); scripts go over stdin to `sh -s` all the same,
   * since a command line has at most 128 KiB. What a login shell prints at its start comes before the command's output.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<RemoteResult>;
  /** Starts a command whose output is followed while it runs. */
  stream(argv: readonly string[], options?: Omit<ExecOptions, 'stdin'>): Promise<RemoteStream>;
  /** A hint: a `stream` will be wanted soon, so what it needs may be got ready where that saves time. */
  openAhead(): void;
  /** A TCP connection to the guest's loopback (`direct-tcpip`; a socket for `local`); `tunnel-refused` where it cannot be had. */
  connectTcp(port: number, signal?: AbortSignal): Promise<Duplex>;
  /** Aborts when the connection is gone, whoever closed it. */
  readonly lost: AbortSignal;
  /** Whether a command waits to start, since the server has no session for it (MaxSessions) until another of ours ends. */
  readonly isShortOfSessions: boolean;
  close(): Promise<void>;
}

/** What the user said about connecting; the rest comes from ssh_config. */
export interface ConnectSettings {
  /** Accept host keys never seen before and remember them; a changed key is refused all the same. */
  readonly acceptNew: boolean;
  /** Deadline for TCP, handshake and authentication together, people's answers to prompts not counted. */
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly signal?: AbortSignal;
  /** Asks a person; absent where nobody can be asked. Resolves undefined when they decline. */
  readonly ask?: (question: Question) => Promise<string | undefined>;
  /** `ssh2` or the system's ssh. Absent: ssh2, and the system's ssh for what ssh2 cannot do (certificates, FIDO keys, newer key exchange). */
  readonly program?: 'ssh2' | 'openssh';
  /** The environment that ssh would see (`SSH_AUTH_SOCK`, `HOME`). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Question {
  readonly target: string;
  readonly prompt: string;
  /** Whether the answer must not be echoed. */
  readonly secret: boolean;
  /** Shows what the question is about, once the terminal is free for it. */
  readonly before?: () => void;
}

// ── what a guest is and can do ──────────────────────────────────────────────────────────────────

export type CgroupHierarchy = 'v1' | 'v2' | 'hybrid' | 'none';

/** What was read off a guest. Null: the guest does not say. */
export interface Facts {
  /** As the guest calls itself. */
  readonly hostName: string | null;
  readonly os: {
    readonly kind: 'linux' | 'darwin' | 'bsd' | 'other';
    readonly name: string;
    readonly id: string | null;
    readonly version: string | null;
  };
  readonly kernel: { readonly release: string; readonly commandLine: string; readonly bootId: string | null };
  /** `uname -m`, and the Go name of it where we have a binary. */
  readonly architecture: { readonly machine: string; readonly go: 'amd64' | 'arm64' | null };
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  readonly pageBytes: number;
  readonly thp: string | null;
  readonly psi: boolean;
  readonly cgroup: {
    readonly hierarchy: CgroupHierarchy;
    /** Where the memory controller is mounted; null where it is not. */
    readonly memoryMount: string | null;
    readonly readOnly: boolean;
    /** What the guest said where root could make no cgroup in a tree that is not read-only; else null. */
    readonly refused: string | null;
    /** The memory controller can be used on this hierarchy. */
    readonly memory: boolean;
    /** Swap can be limited: `memory.swap.max` or `memory.memsw.limit_in_bytes` exists. */
    readonly swap: boolean;
    /** Whether that was shown by a probe cgroup, or only read off the files that are there. */
    readonly proof: 'probe' | 'files';
    /** An ordinary user may make cgroups below their own (systemd delegation, v2). */
    readonly delegated: boolean;
  };
  /** `systemd-detect-virt --container` or the like; null on a host or VM. */
  readonly container: string | null;
  readonly virtualisation: string | null;
  readonly bootLoader:
    | 'grub'
    | 'grubby'
    | 'systemd-boot'
    | 'u-boot'
    | 'zipl'
    | 'raspberry-pi'
    | 'ubuntu-core'
    | 'none'
    | 'unknown';
  readonly user: { readonly name: string; readonly uid: number };
  /** What `sudo -n true` said; `sudo-password` means sudo is there and wants one. */
  readonly privilege: Privilege;
}

export type KernelOptionName = 'cgroup_enable=memory' | 'swapaccount=1';

/** Is the capability there, and if not, can this kernel be given it by an option? */
export type KernelOptionState = 'present' | 'effective' | 'obsolete' | 'impossible' | 'missing';

export interface KernelOption {
  readonly name: KernelOptionName;
  /** Whether the token is on the running command line. */
  readonly onCommandLine: boolean;
  readonly state: KernelOptionState;
  readonly why: string;
}

/** What the guest can enforce. */
export interface Readiness {
  readonly ready: boolean;
  readonly cgroup: CgroupHierarchy;
  readonly memoryLimit: boolean;
  readonly swapLimit: boolean;
  readonly options: Readonly<Record<KernelOptionName, KernelOption>>;
  /** What stands in the way, worst first; empty when ready. */
  readonly obstacles: readonly Obstacle[];
}

export interface Obstacle {
  readonly what: string;
  /** `prepare`: kernel options and a reboot would make it ready; `user`: something a person can do; `never`: not on this guest. */
  readonly remedy: 'prepare' | 'user' | 'never';
  readonly hint: string;
}

// ── the experiment ──────────────────────────────────────────────────────────────────────────────

/** One configuration of the experiment; what `gcexp start` reads. */
export interface Settings {
  readonly limitBytes: number;
  readonly trials: number;
  readonly mode: 'self' | 'interactive' | 'scenario';
  /** Collect garbage between release and second allocation. */
  readonly gc: boolean;
  /** Null: the Go default. */
  readonly gogc: string | null;
  readonly gomemlimit: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Cgroup usage samples per second; 0 is off. */
  readonly sampleHz: number;
  /** The guest's loopback port of the interactive mode. */
  readonly port: number;
  /** How long the run may take on the guest. */
  readonly timeoutMs: number;
  /** What the guest does in the mode `scenario`; also kept where a controller drives it (`--lockstep`). */
  readonly scenario?: ScenarioProgram;
}

/** A scenario as it goes to a guest; the steps are those of experiment/steps, sizes in bytes. */
export interface ScenarioProgram {
  readonly name: string;
  readonly steps: readonly object[];
  readonly expect: ScenarioExpectation | null;
}

/** What has to hold of every trial; null: nothing is said. */
export interface ScenarioExpectation {
  readonly verdict: 'survived' | 'oom-killed' | null;
  /** Counted from 1 in the scenario's list; a repeat is one step. */
  readonly killedAtStep: number | null;
  readonly peakBelow: ScenarioPeak | null;
  readonly gcsBetween: readonly [number, number] | null;
}

/** Bytes, or a share of the hard limit. */
export type ScenarioPeak = { readonly bytes: number } | { readonly percent: number };

export type OutcomeKind = 'completed' | 'not-ready' | 'unreachable' | 'failed' | 'interrupted';

export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}
