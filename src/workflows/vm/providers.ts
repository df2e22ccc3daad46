import type { Places } from '../../provider/controller/places.js';
import type { Provider, ProviderKind } from '../../provider/provider.js';
import { QemuProvider } from '../../provider/qemu/qemu.js';
import { lima } from '../../provider/tool/lima.js';
import { multipass } from '../../provider/tool/multipass.js';
import { ToolProvider } from '../../provider/tool/tool-provider.js';

export const PROVIDER_KINDS = ['qemu', 'lima', 'multipass'] as const satisfies readonly ProviderKind[];

/** What makes VMs on this controller; a new one each time, since all they know is on disk. */
export function providerOf(kind: ProviderKind, places: Places): Provider {
  switch (kind) {
    case 'qemu':
      return new QemuProvider(places);
    case 'lima':
      return new ToolProvider(lima(places), places);
    case 'multipass':
      return new ToolProvider(multipass(places), places);
  }
}
