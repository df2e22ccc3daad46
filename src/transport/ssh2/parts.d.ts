/** Files of ssh2 1.17, which has types for its index alone. */
declare module 'ssh2/lib/client.js' {
  import { Client } from 'ssh2';
  export default Client;
}
declare module 'ssh2/lib/agent.js' {
  import { BaseAgent, createAgent } from 'ssh2';

  const agent: { readonly BaseAgent: typeof BaseAgent; readonly createAgent: typeof createAgent };
  export default agent;
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  import { utils } from 'ssh2';

  const keys: { readonly parseKey: typeof utils.parseKey };
  export default keys;
}
declare module 'ssh2/lib/keygen.js' {
  import { utils } from 'ssh2';

  const keygen: { readonly generateKeyPairSync: typeof utils.generateKeyPairSync };
  export default keygen;
}
