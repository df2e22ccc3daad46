import type { Facts } from '../../model.js';
import { bootLoader } from './boot-loader.js';
import { cgroupFacts } from './cgroup-facts.js';
import { container, virtualisation } from './container.js';
import type { ProbeAnswer } from './probe-answer.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Sizes that a guest does not tell are 0; a page is then 4096. */
export function facts(answer: ProbeAnswer): Facts {
  return {
    hostName: answer['host-name'] || null,
    os: operatingSystem(answer),
    kernel: {
      release: answer.release,
      commandLine: answer['command-line'] ?? '',
      bootId: wellFormed(answer['boot-id']),
    },
    architecture: { machine: answer.machine, go: GO_NAMES[answer.machine] ?? null },
    cpus: answer.cpus ?? 0,
    memoryBytes: answer['memory-bytes'] ?? (answer['memory-kib'] ?? 0) * 1024,
    swapBytes: (answer['swap-kib'] ?? 0) * 1024,
    pageBytes: answer['page-bytes'] || 4096,
    thp: /\[(\w+)\]/.exec(answer.thp ?? '')?.[1] ?? null,
    psi: answer.psi === 'yes',
    cgroup: cgroupFacts(answer),
    container: container(answer),
    virtualisation: virtualisation(answer),
    bootLoader: bootLoader(answer),
    user: { name: answer.user, uid: answer.uid },
    privilege: answer.privilege,
  };
}

const GO_NAMES: Readonly<Record<string, 'amd64' | 'arm64'>> = {
  x86_64: 'amd64',
  amd64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
};

const KINDS: Readonly<Record<string, Facts['os']['kind']>> = {
  Linux: 'linux',
  Darwin: 'darwin',
  FreeBSD: 'bsd',
  OpenBSD: 'bsd',
  NetBSD: 'bsd',
  DragonFly: 'bsd',
};

function operatingSystem(answer: ProbeAnswer): Facts['os'] {
  const fields = new Map(answer['os-release'].map(assignment));
  return {
    kind: KINDS[answer.system] ?? 'other',
    name: fields.get('PRETTY_NAME') ?? `${answer.system} ${answer.release}`,
    id: fields.get('ID') ?? null,
    version: fields.get('VERSION_ID') ?? null,
  };
}

/** os-release is shell: `ID=debian`, `VERSION_ID="12"`. Some were written with carriage returns. */
function assignment(line: string): [string, string] {
  const equals = line.indexOf('=');
  return [
    line.slice(0, equals),
    line
      .slice(equals + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2'),
  ];
}

function wellFormed(bootId: string | null): string | null {
  return bootId !== null && UUID.test(bootId) ? bootId : null;
}
