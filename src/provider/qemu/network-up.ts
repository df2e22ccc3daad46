import { z } from 'zod';
import { ask } from './monitor.js';

/** `query-rx-filter`: what the guest's driver told its network card to let through. */
const RxFilters = z
  .array(z.object({ promiscuous: z.boolean(), 'multicast-table': z.array(z.string()) }))
  .nonempty();

/**
 * Whether the guest has its network up: a card nobody set up lets everything through, and a Linux that brings its
 * interface up joins the multicast groups of all hosts. True as well where QEMU does not tell.
 */
export async function isNetworkUp(monitor: string): Promise<boolean> {
  const filters = RxFilters.safeParse(await ask(monitor, 'query-rx-filter'));
  if (!filters.success) return true;
  return filters.data.some(({ promiscuous, ...card }) => !promiscuous && card['multicast-table'].length > 0);
}
