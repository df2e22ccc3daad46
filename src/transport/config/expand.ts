/** What the `%` tokens of ssh_config(5) stand for. */
export interface Tokens {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyAlias: string;
  readonly localUser: string;
  readonly localHost: string;
  readonly home: string;
  readonly uid: number;
  readonly jump: string;
}

/** Expands `%h` and its kin. Unknown tokens stay as they are: a file of that name will be missing, and said to be. */
export function expandTokens(text: string, tokens: Tokens): string {
  return text.replace(/%(.)/g, (whole, token: string) => tokenValue(token, tokens) ?? whole);
}

/** Also `~` at the start, and `${NAME}`: what IdentityFile, CertificateFile and IdentityAgent take. */
export function expandPath(
  text: string,
  tokens: Tokens,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const absolute = text.replace(/^~(?=\/|$)/, tokens.home);
  const withEnvironment = absolute.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
    (whole, name: string) => env[name] ?? whole,
  );
  return expandTokens(withEnvironment, tokens);
}

function tokenValue(token: string, tokens: Tokens): string | undefined {
  switch (token) {
    case '%':
      return '%';
    case 'd':
      return tokens.home;
    case 'h':
      return tokens.host;
    case 'i':
      return String(tokens.uid);
    case 'j':
      return tokens.jump;
    case 'k':
      return tokens.keyAlias;
    case 'L':
      return tokens.localHost.split('.')[0];
    case 'l':
      return tokens.localHost;
    case 'n':
      return tokens.alias;
    case 'p':
      return String(tokens.port);
    case 'r':
      return tokens.user;
    case 'u':
      return tokens.localUser;
    default:
      return undefined;
  }
}
