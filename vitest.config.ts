import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real servers, real cgroups and real VMs: slow on a slow machine, never hung.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // oclif writes to the process's own streams, which vitest would otherwise swallow.
    disableConsoleIntercept: true,
  },
});
