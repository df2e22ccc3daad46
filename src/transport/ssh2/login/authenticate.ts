import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import { GclabError } from '../../../errors.js';
import type { ConnectSettings } from '../../../model.js';
import { printable } from '../../../printable.js';
import type { Endpoint } from '../../config/endpoint.js';
import type { Deadline } from '../../deadline.js';
import type { Ssh2 } from '../ssh2.js';
import type { Identities, Identity } from './identities.js';
import { oneKeyAgent, type Sign, signWithAgent } from './one-key-agent.js';

/** OpenSSH's words. */
const AGAIN = 'Permission denied, please try again.\n';

/**
 * Chooses what to try next, as ssh does: keys, then keyboard-interactive, then the password. It asks the server
 * which methods it takes (a `none` round) only where that saves a failed attempt: servers count those.
 */
export class Authenticator {
  readonly #keys: Identity[];
  /** Everything that was tried, for the error. */
  readonly tried: string[] = [];
  /** What the server said it takes; null before it said anything. */
  accepted: readonly string[] | null = null;
  #started = false;
  #declined = false;
  #left: { 'keyboard-interactive': number; password: number };

  constructor(
    readonly ssh2: Ssh2,
    readonly endpoint: Endpoint,
    readonly identities: Identities,
    readonly target: string,
    readonly settings: ConnectSettings,
    readonly deadline: Deadline,
  ) {
    this.#keys = [...identities.offered];
    const { passwords } = endpoint;
    const asks = settings.ask === undefined ? 0 : passwords.prompts;
    this.#left = {
      'keyboard-interactive': passwords.keyboardInteractive ? asks : 0,
      password: passwords.password ? asks : 0,
    };
  }

  /** The next method, or false when there is none left. `accepts` is null while the server has not said. */
  async next(accepts: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> {
    const first = !this.#started;
    this.#started = true;
    if (accepts !== null) this.accepted = accepts;
    if (this.#declined) return false;
    if (first && this.#wantsToKnow()) return this.#none();
    const key = accepts === null || accepts.includes('publickey') ? this.#keys.shift() : undefined;
    if (key !== undefined) return this.#offer(key, accepts);
    // ssh2 keeps to itself what the server says to an agent's key.
    if (accepts === null) return this.#none();
    return this.#ask(accepts);
  }

  /** The key that is tried first, where nothing else is and it needs nobody to sign with it. */
  get firstKey(): ParsedKey | undefined {
    const [first] = this.#keys;
    return first?.kind === 'key' && !this.#wantsToKnow() ? first.key : undefined;
  }

  get hasStarted(): boolean {
    return this.#started;
  }

  error(cause: unknown): GclabError {
    const { identities } = this;
    const tried = this.tried.length === 0 ? 'there was nothing to try' : `tried ${this.tried.join(', ')}`;
    const accepts = this.accepted === null ? '' : `; the server takes ${this.accepted.join(', ')}`;
    const leftOut = identities.leftOut.length === 0 ? '' : `; left out ${identities.leftOut.join(', ')}`;
    return new GclabError({
      code: 'auth-failed',
      doing: `authenticating as ${this.endpoint.user}`,
      target: this.target,
      what: `${tried}${accepts}${leftOut}`,
      hint: this.#hint(),
      cause,
    });
  }

  #hint(): string {
    const wantsPassword = this.accepted?.some(
      (method) => method === 'password' || method === 'keyboard-interactive',
    );
    if (wantsPassword && this.settings.ask === undefined)
      return 'run it in a terminal to be asked for the password, or put a key on the host with ssh-copy-id';
    return `check the user, load the key into the agent (ssh-add) or name it as IdentityFile in ssh_config; ssh -v ${this.endpoint.name.host} shows what ssh makes of it`;
  }

  #wantsToKnow(): boolean {
    return this.#keys.length === 0 || (this.#keys.length > 1 && this.#keys[0]?.kind !== 'key');
  }

  #none(): AnyAuthMethod {
    return { type: 'none', username: this.endpoint.user };
  }

  async #offer(
    identity: Identity,
    accepts: readonly AuthenticationType[] | null,
  ): Promise<AnyAuthMethod | false> {
    const username = this.endpoint.user;
    this.tried.push(`publickey ${identity.label}`);
    if (identity.kind === 'key') return { type: 'publickey', username, key: identity.key };
    if (identity.kind === 'agent') {
      const sign = signWithAgent(identity.agent, identity.key);
      return { type: 'agent', username, agent: oneKeyAgent(this.ssh2, identity.key, sign) };
    }
    if (identity.key !== null) {
      return {
        type: 'agent',
        username,
        agent: oneKeyAgent(this.ssh2, identity.key, this.#decryptAndSign(identity)),
      };
    }
    const key = await this.#decrypt(identity);
    return key === null ? this.next(accepts) : { type: 'publickey', username, key };
  }

  #decryptAndSign(identity: Identity & { kind: 'encrypted' }): Sign {
    return async (data, options) => {
      const key = await this.#decrypt(identity);
      if (key === null) throw new Error(`no passphrase for ${identity.label}`);
      return key.sign(data, options.hash);
    };
  }

  /** Null where nobody can tell the passphrase. Decrypting takes half a second, so it is done once. */
  async #decrypt(identity: Identity & { kind: 'encrypted' }): Promise<ParsedKey | null> {
    const { ask } = this.settings;
    for (let attempt = 0; ask !== undefined && attempt < this.endpoint.passwords.prompts; attempt++) {
      const prompt = `${attempt === 0 ? '' : 'Bad passphrase, please try again.\n'}Passphrase of ${identity.label}: `;
      const passphrase = await this.deadline.exempt(() => ask({ target: this.target, prompt, secret: true }));
      if (passphrase === undefined || passphrase === '') break;
      const key = this.ssh2.parseKey(identity.text, passphrase);
      if (!(key instanceof Error)) return key;
    }
    this.tried[this.tried.length - 1] +=
      ask === undefined ? ' (encrypted, and nobody to ask)' : ' (not unlocked)';
    return null;
  }

  async #ask(accepts: readonly AuthenticationType[]): Promise<AnyAuthMethod | false> {
    const { ask } = this.settings;
    const method = (['keyboard-interactive', 'password'] as const).find(
      (name) => accepts.includes(name) && this.#left[name] > 0,
    );
    if (method === undefined || ask === undefined) return false;
    this.#left[method]--;
    const again = this.tried.includes(method) ? AGAIN : '';
    if (again === '') this.tried.push(method);
    const username = this.endpoint.user;
    if (method === 'keyboard-interactive')
      return { type: method, username, prompt: (...args) => void this.#answer(again, ...args) };
    const prompt = `${again}Password of ${username} on ${this.endpoint.host}: `;
    const password = await this.deadline.exempt(() => ask({ target: this.target, prompt, secret: true }));
    if (password === undefined) return false;
    return { type: 'password', username, password };
  }

  /** One round of questions; `again` stands above the first of them. */
  async #answer(
    again: string,
    name: string,
    instructions: string,
    _language: string,
    prompts: readonly { prompt: string; echo?: boolean }[],
    finish: (answers: string[]) => void,
  ): Promise<void> {
    const { ask } = this.settings;
    const answers: string[] = [];
    const from = `(${this.endpoint.user}@${this.endpoint.host}) `;
    for (const [index, { prompt, echo }] of prompts.entries()) {
      const above = [name, instructions].filter((line) => line !== '').map((line) => `${printable(line)}\n`);
      const text = `${index === 0 ? again : ''}${above.join('')}${from}${printable(prompt)}`;
      const question = { target: this.target, prompt: text, secret: echo !== true };
      // Who would not answer one question is not asked the next.
      const answer = this.#declined ? undefined : await this.deadline.exempt(async () => ask?.(question));
      if (answer === undefined) this.#declined = true;
      answers.push(answer ?? '');
    }
    finish(answers);
  }
}
