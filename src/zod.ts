import { config } from 'zod';

// At their first use schemas would be compiled otherwise (`new Function`): a fifth of what a command costs, and more than its few hundred
// values give back.
config({ jitless: true });

export * from 'zod';
