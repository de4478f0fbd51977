// OKX's hosts: the world, Europe (my.okx.com) and the United States, each live and demo. Demo
// trading is the live REST host with a header, and stream hosts of its own. Source: the manual's
// chapters "Production trading services" and "Demo trading services".
import type { Endpoints } from '../../domain/venue-spec.ts';

const demoHeader = { 'x-simulated-trading': '1' } as const;

function at(rest: string, stream: string, headers?: Readonly<Record<string, string>>): Endpoints {
  const ws = `wss://${stream}:8443`;
  return {
    http: { rest: `https://${rest}` },
    ws: { public: ws, private: ws, trade: ws },
    ...(headers === undefined ? {} : { headers }),
  };
}

export const endpoints: Readonly<Record<string, Endpoints>> = {
  live: at('www.okx.com', 'ws.okx.com'),
  demo: at('www.okx.com', 'wspap.okx.com', demoHeader),
  eea: at('eea.okx.com', 'wseea.okx.com'),
  'eea-demo': at('eea.okx.com', 'wseeapap.okx.com', demoHeader),
  us: at('us.okx.com', 'wsus.okx.com'),
  'us-demo': at('us.okx.com', 'wsuspap.okx.com', demoHeader),
};
