import { bytes, many, one, perhaps, single, text } from '../../guest/answer.js';
import * as z from '../../zod.js';

/** The border: what probe.sh may say, and how much of it. Keys and their meaning are in provision/guest/probe.sh. */

const word = (max = 300) => single(text(max).transform((value) => value.trim()));
/** What nobody bounds: of something longer the beginning will do. */
const anything = single(text(20_000).transform((value) => value.trim().slice(0, 1_000)));
const whole = single(
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
);
/** Empty where the guest cannot tell. */
const number = perhaps(
  single(
    z
      .string()
      .regex(/^\d{0,15}$/)
      .transform((value) => (value === '' ? null : Number(value))),
  ),
);
const path = bytes(5_000);
const mount = z
  .tuple([path, path, path])
  .transform(([point, options, superOptions]) => ({ point, options, superOptions }));

export const probeAnswer = z.strictObject({
  system: one(word(40)),
  release: one(word()),
  machine: one(word(40)),
  user: one(anything),
  uid: one(whole),
  privilege: one(single(z.enum(['root', 'sudo', 'sudo-password', 'none']))),
  'os-release': many(anything, 200),
  'command-line': perhaps(word(9_000)),
  'boot-id': perhaps(word()),
  'host-name': perhaps(anything),
  cpus: number,
  'memory-kib': number,
  'memory-bytes': number,
  'swap-kib': number,
  'page-bytes': number,
  thp: perhaps(word()),
  psi: perhaps(word()),
  container: perhaps(word()),
  vm: perhaps(word()),
  'container-sign': many(anything, 5),
  'dmi-vendor': perhaps(anything),
  'dmi-product': perhaps(anything),
  'device-model': perhaps(anything),
  'boot-file': many(word(1_000), 40),
  'boot-tool': many(word(), 10),
  'efi-LoaderInfo': perhaps(word()),
  'efi-StubInfo': perhaps(word()),
  cgroup: many(mount, 64),
  cgroup2: many(mount, 64),
  'proc-cgroups': perhaps(z.array(text(40)).max(10)),
  'memory-mount': perhaps(
    z.tuple([z.enum(['v1', 'v2']), path]).transform(([version, point]) => ({ version, point })),
  ),
  file: many(word(), 4),
  'v2-memory': perhaps(single(z.enum(['enabled', 'possible', 'refused', 'absent']))),
  delegated: perhaps(single(z.enum(['own', 'manager']))),
  probe: many(z.tuple([text(100), text(100)]), 4),
  /** What mkdir(1) said, where a cgroup could not be made. */
  'probe-refused': perhaps(anything),
});

export type ProbeAnswer = z.output<typeof probeAnswer>;
