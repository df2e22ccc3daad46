import type { ConnectRequest, DeployRequest } from '../../../fleet/request.js';
import { type Architecture, binaryFor } from '../../../guest/binary.js';
import { upload } from '../../../guest/deploy.js';
import { type GuestFolder, type LocatedFolder, locate } from '../../../guest/folder.js';
import type { Facts, Guest } from '../../../model.js';
import { formatBytes } from '../../../units.js';

const COMMONEST: Architecture = 'amd64';

/** Puts gcexp on a guest, or finds it there. */
export class Deployment {
  /** Looked for while the facts are being read, as the commonest guest would have it; null: look properly. */
  readonly #early: Promise<LocatedFolder | null>;

  constructor(
    readonly guest: Guest,
    private readonly request: DeployRequest & Pick<ConnectRequest, 'signal'>,
  ) {
    this.#early = this.#locate(COMMONEST).catch(() => null);
  }

  /** The guest's folder with gcexp in it, whole. `tell` hears of an upload. */
  async deploy(facts: Facts, tell: (progress: string) => void): Promise<GuestFolder> {
    const architecture = facts.architecture.go ?? COMMONEST;
    const early = architecture === COMMONEST ? await this.#early : null;
    const folder = this.#isOfOurUser(early) ? early : await this.#locate(architecture);
    if (folder.isDeployed) return folder;
    const binary = await binaryFor(architecture, this.request.dist);
    tell(`uploading ${formatBytes((await binary.bytes()).length)}`);
    await upload(this.guest, folder, binary, this.request.signal);
    return folder;
  }

  /** Root without a password looked by itself; under a password root has yet to look. */
  #isOfOurUser(folder: LocatedFolder | null): folder is LocatedFolder {
    return folder !== null && folder.byRoot === (this.guest.privilege !== 'none');
  }

  async #locate(architecture: Architecture): Promise<LocatedFolder> {
    const { sha256 } = await binaryFor(architecture, this.request.dist);
    return await locate(this.guest, sha256, this.request.guestDir);
  }
}
