import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/blocked.ts'],
    // Real servers, real cgroups and real VMs: slow on a slow machine, never hung.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most of a test's time goes into waiting for a server or a process.
    maxWorkers: availableParallelism() + 1,
    // oclif writes to the process's own streams, which vitest would otherwise swallow.
    disableConsoleIntercept: true,
  },
});
