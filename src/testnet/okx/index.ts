// OKX v5 over the simulated exchange: REST and the WebSocket paths
// /ws/v5/{public,private,business}. Market data and events carry venue time; signatures, windows,
// silence and the dead-man switch run on the wall clock.
//
// Faults of its own, beside the server's: `gap` (book updates are lost), `sequence-reset` (ids of
// the books start again lower), `rate-limited` or `rate-limit` (50011 to all), `clock-skew` (the
// venue's clock is a minute ahead), `unknown-outcome` (orders are done and answered with 50004),
// `service-upgrade` (the notice 64008).
import type { SimEvent, SimNow } from '../../sim/api.ts';
import type { MakeProtocol, TestnetProtocol } from '../protocol.ts';
import { MarketChannels } from './market-channels.ts';
import { PrivateChannels } from './private-channels.ts';
import { answerHttp } from './routes.ts';
import { type Access, SocketSession } from './socket-session.ts';
import { OkxState } from './state.ts';

const accessByPath: Readonly<Record<string, Access>> = {
  '/ws/v5/public': 'public',
  '/ws/v5/private': 'private',
  '/ws/v5/business': 'business',
};

export const makeOkxProtocol: MakeProtocol = (context): TestnetProtocol => {
  const state = new OkxState(context);
  const market = new MarketChannels(state);
  const account = new PrivateChannels(state);
  const sessions = new Set<SocketSession>();
  let noticed = false;

  return {
    venue: context.exchange.venue,
    http: (request) => answerHttp(state, request),
    open: (socket) => {
      const access = Object.hasOwn(accessByPath, socket.path)
        ? accessByPath[socket.path]
        : undefined;
      if (access === undefined) return null;
      const session = new SocketSession(state, socket, access, { market, account });
      sessions.add(session);
      return {
        message: (text) => session.message(text),
        closed: () => {
          sessions.delete(session);
          session.closed();
        },
      };
    },
    tick: (now: SimNow) => market.tick(now),
    second: (now: SimNow) => {
      for (const session of [...sessions]) session.second(now);
      const upgrading = context.fault('service-upgrade');
      if (upgrading && !noticed) for (const session of sessions) session.notice();
      noticed = upgrading;
      if (state.deadManDueWallMs === null || now.wallMs < state.deadManDueWallMs) return;
      state.deadManDueWallMs = null;
      context.exchange.cancelAll(null, now, 'dead-man');
      context.log('cancel-all-after fired', { venue: context.exchange.venue });
    },
    event: (event: SimEvent) => {
      if (event.kind === 'fill') state.remember(event.fill);
      account.event(event);
    },
  };
};
