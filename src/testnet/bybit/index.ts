// The simulated Bybit: REST v5 and the four kinds of sockets over the simulated exchange. Venue
// time in all data; wall time in signatures, windows and market/time. Faults that it shows: `gap`
// (a book delta is lost), `sequence-reset` (the book starts again at u = 1), `rate-limit` (10006),
// `unknown-outcome` (an order is carried out and answered with 10016), `ack-then-reject`,
// `fill-before-ack`, `clock-skew`.
import type { MakeProtocol, TestnetProtocol } from '../protocol.ts';
import { categories } from './listing.ts';
import { PrivateSockets } from './private-sockets.ts';
import { PublicSockets } from './public-sockets.ts';
import { answerHttp } from './rest.ts';
import { makeState } from './state.ts';
import { TradeSockets } from './trade-sockets.ts';

export const makeBybitProtocol: MakeProtocol = (context): TestnetProtocol => {
  const state = makeState(context, {
    pushOrder: (row) => privateSockets.pushOrder(row),
    flush: () => privateSockets.flush(),
  });
  const privateSockets = new PrivateSockets(state);
  const publicSockets = new PublicSockets(state);
  const tradeSockets = new TradeSockets(state);
  return {
    venue: context.exchange.venue,
    http: (request) => answerHttp(state, request),
    open: (socket) => {
      if (socket.path === '/v5/private') return privateSockets.open(socket);
      if (socket.path === '/v5/trade') return tradeSockets.open(socket);
      const category = categories.find((name) => socket.path === `/v5/public/${name}`);
      return category === undefined ? null : publicSockets.open(socket, category);
    },
    tick: (now) => publicSockets.tick(now),
    second: (now) => {
      publicSockets.second(now);
      privateSockets.second(now.wallMs);
      tradeSockets.second(now.wallMs);
    },
    event: (event) => privateSockets.event(event),
  };
};
