import { GclabError } from '../../errors.js';
import type { ConnectSettings } from '../../model.js';
import type { Endpoint } from '../config/endpoint.js';
import type { Deadline } from '../deadline.js';
import { type HostKeyVerdict, judgeHostKey, type KnownKeys, rememberHostKey } from './host-keys.js';
import { fingerprint, keyType, shortKeyType } from './known-hosts.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1)$/;

/**
 * Decides about the key a server shows. Resolves when it may be trusted; rejects with `host-key-unknown`,
 * `host-key-changed` or `host-key-revoked`. Unlike ssh, StrictHostKeyChecking=no lets no changed key pass.
 */
export async function checkHostKey(
  endpoint: Endpoint,
  known: KnownKeys,
  key: Buffer,
  target: string,
  settings: ConnectSettings,
  deadline: Deadline,
): Promise<void> {
  const exempt = endpoint.options.values.get('nohostauthenticationforlocalhost')?.[0] === 'yes';
  if (exempt && LOOPBACK.test(endpoint.host)) return;
  const verdict = judgeHostKey(known, key);
  if (verdict.kind === 'known') return;
  if (verdict.kind !== 'unknown') throw refusal(endpoint, verdict, key, target);
  const accepts = settings.acceptNew || endpoint.strict === 'accept-new' || endpoint.strict === 'no';
  if (!accepts && !(await isAccepted(endpoint, key, target, settings, deadline))) {
    throw unknown(endpoint, known, key, target);
  }
  await rememberHostKey(endpoint, key);
}

async function isAccepted(
  endpoint: Endpoint,
  key: Buffer,
  target: string,
  settings: ConnectSettings,
  deadline: Deadline,
): Promise<boolean> {
  const { ask } = settings;
  if (ask === undefined || endpoint.strict !== 'ask') return false;
  const prompt = `The authenticity of ${endpoint.keyName} can't be established. Its ${describe(key)}. Go on connecting and remember it (yes/no)? `;
  const answer = (await deadline.exempt(() => ask({ target, prompt, secret: false })))?.trim();
  return answer?.toLowerCase() === 'yes' || answer === fingerprint(key);
}

function describe(key: Buffer): string {
  return `${shortKeyType(keyType(key) ?? 'unknown')} key has the fingerprint ${fingerprint(key)}`;
}

function refusal(
  endpoint: Endpoint,
  verdict: Exclude<HostKeyVerdict, { kind: 'known' | 'unknown' }>,
  key: Buffer,
  target: string,
): GclabError {
  const { entry } = verdict;
  const where = `${entry.file}:${entry.line}`;
  if (verdict.kind === 'revoked') {
    return new GclabError({
      code: 'host-key-revoked',
      doing: `checking the host key of ${endpoint.keyName}`,
      target,
      what: `${where} says that this key is revoked (${fingerprint(key)})`,
      hint: 'someone may be posing as this host; ask whoever runs it for its new key',
    });
  }
  return new GclabError({
    code: 'host-key-changed',
    doing: `checking the host key of ${endpoint.keyName}`,
    target,
    what: `its ${describe(key)}, but ${where} knows ${shortKeyType(entry.type)} ${fingerprint(entry.key)}`,
    hint: `someone may be posing as this host; if it was reinstalled, compare the fingerprint with its owner's, then: ssh-keygen -R '${endpoint.keyName}' -f ${entry.file}`,
  });
}

function unknown(endpoint: Endpoint, known: KnownKeys, key: Buffer, target: string): GclabError {
  const authority = known.exact.find((entry) => entry.marker === 'cert-authority');
  const files = endpoint.knownHostsFiles.join(', ') || 'no known_hosts file';
  const aside =
    authority === undefined
      ? ''
      : ` (${authority.file}:${authority.line} trusts a certificate authority for it, but it showed a plain key)`;
  return new GclabError({
    code: 'host-key-unknown',
    doing: `checking the host key of ${endpoint.keyName}`,
    target,
    what: `its ${describe(key)}, which is not in ${files}${aside}`,
    hint: 'compare the fingerprint with the host’s own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there), then use --accept-new once, or connect once with ssh',
  });
}
