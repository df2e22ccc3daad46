import { z } from 'zod';
import type { Answer } from './answer.js';

/** The border: what probe.sh may say, and how much of it. Keys and their meaning are in provision/guest/probe.sh. */

const text = (max: number) => z.string().max(max);
const one = (max = 300) =>
  z
    .array(text(max))
    .length(1)
    .transform(([value]) => value as string);
const perhaps = (max = 300) =>
  z
    .array(text(max))
    .max(1)
    .optional()
    .transform((all) => all?.[0] ?? null);
const many = (max: number) => z.array(text(5_000)).max(max).default([]);
const whole = one(20).pipe(z.string().regex(/^\d+$/)).transform(Number).pipe(z.int().nonnegative());
const perhapsWhole = perhaps(20)
  .transform((value) => (value !== null && /^\d+$/.test(value) ? Number(value) : null))
  .pipe(z.int().nonnegative().nullable());

const probeAnswer = z.strictObject({
  system: one(40),
  release: one(),
  machine: one(40),
  user: one(),
  uid: whole,
  privilege: one().pipe(z.enum(['root', 'sudo', 'sudo-password', 'none'])),
  'os-release': many(5),
  'command-line': perhaps(9_000),
  'boot-id': perhaps(),
  cpus: perhapsWhole,
  'memory-kib': perhapsWhole,
  'memory-bytes': perhapsWhole,
  'swap-kib': perhapsWhole,
  'page-bytes': perhapsWhole,
  thp: perhaps(),
  psi: perhaps(),
  container: perhaps(),
  vm: perhaps(),
  'container-sign': many(5),
  'dmi-vendor': perhaps(9_000),
  'dmi-product': perhaps(9_000),
  'device-model': perhaps(9_000),
  'boot-file': many(40),
  'boot-tool': many(10),
  'efi-LoaderInfo': perhaps(),
  'efi-StubInfo': perhaps(),
  cgroup: many(64),
  cgroup2: many(64),
  'proc-cgroups': perhaps(),
  'memory-mount': perhaps(5_000),
  file: many(4),
  'v2-memory': perhaps().pipe(z.enum(['enabled', 'possible', 'refused', 'absent']).nullable()),
  delegated: perhaps().pipe(z.enum(['own', 'manager']).nullable()),
  probe: many(4),
});

export type ProbeAnswer = z.output<typeof probeAnswer>;

/** Throws zod's error where the answer is not one of probe.sh. */
export function parseProbeAnswer(answer: Answer): ProbeAnswer {
  return probeAnswer.parse(Object.fromEntries(answer));
}
