// The protocol of the local testnet's Binance, spot, USD-M and COIN-M on one port (their paths keep
// them apart), over the simulated exchange. Never sends anything that the real venue would not.
//
// Faults of its own, beside the server's: `gap` (depth frames are lost), `rate-limit` (429 to all),
// `ban` (418 to all), `clock-skew` (the venue's clock is 7 s ahead), `unknown-outcome` (orders are
// taken and answered with 503 and -1007), `listen-key-expired`, `server-shutdown` (the notice,
// every second).
import { dayMs } from '../../base/time.ts';
import type {
  MakeProtocol,
  RawHttpReply,
  RawHttpRequest,
  SocketHandler,
  TestnetContext,
  TestnetProtocol,
  TestnetSocket,
} from '../protocol.ts';
import { AccountRest } from './account.ts';
import { type Answer, httpReply, refused } from './answer.ts';
import { paramsOf, refusalByKey, refusalBySignature, refusalByTime } from './auth.ts';
import { CoinAccountRest } from './coin-account.ts';
import { type BinanceMarket, Listings } from './listed.ts';
import { isListenKey, ListenKeys } from './listen-keys.ts';
import { MarketRest } from './market-rest.ts';
import { type Route, routesOf, skewMs } from './routes.ts';
import { VenueSockets } from './sockets.ts';
import { Trading } from './trading.ts';
import { UserData } from './user-data.ts';
import { RateWindows } from './windows.ts';
import { WsApi } from './ws-api.ts';

/** Connections are cut after a day. */
const connectionLifeMs = dayMs;

export const makeBinanceProtocol: MakeProtocol = (context): TestnetProtocol => {
  const listings = new Listings(context.exchange);
  const user = new UserData(listings);
  const windows = new RateWindows();
  const trading = new Trading(context, listings, user);
  const account = new AccountRest(context, listings, trading);
  const market = new MarketRest(context, listings, trading);
  const coinAccount = new CoinAccountRest(context, listings);
  const listenKeys = new ListenKeys(context, user, 'linear');
  const coinListenKeys = new ListenKeys(context, user, 'inverse');
  const sockets = new VenueSockets({ context, listings });
  const routes = routesOf({
    ...{ context, listings, trading, account, market },
    ...{ listenKeys, coinAccount, coinListenKeys },
  });
  const wsApi = new WsApi({
    context,
    trading,
    user,
    windows,
    read(method, params, side) {
      const path = wsReads[side][method];
      return path === undefined ? null : (routes.get(path)?.answer(params, noRequest) ?? null);
    },
  });
  const open = new Map<TestnetSocket, SocketHandler>();

  return {
    venue: 'binance',

    http(request) {
      const reply = replyTo(request, { context, routes, windows });
      user.report();
      return reply;
    },

    open(socket) {
      const handler = openSocket(socket, { sockets, listenKeys, coinListenKeys, wsApi });
      if (handler === null) return null;
      open.set(socket, handler);
      return {
        message: (text) => handler.message(text),
        closed: () => {
          open.delete(socket);
          handler.closed();
        },
      };
    },

    tick(now) {
      user.report();
      sockets.tick(now);
    },

    second(now) {
      trading.second();
      listenKeys.second();
      coinListenKeys.second();
      user.report();
      const shutdown = context.fault('server-shutdown') || context.fault('service-upgrade');
      for (const socket of [...open.keys()]) {
        if (shutdown) socket.send(JSON.stringify({ e: 'serverShutdown', E: now.tsMs }));
        if (now.wallMs - socket.openedWallMs >= connectionLifeMs) socket.close(1001, 'life ended');
      }
    },

    event(event) {
      user.event(event);
      sockets.event(event);
    },
  };
};

const noRequest: RawHttpRequest = { method: 'GET', path: '', query: '', body: '', headers: {} };

/** Methods of the WebSocket APIs that answer as a REST path does. */
const wsReads: Readonly<Record<BinanceMarket, Readonly<Record<string, string>>>> = {
  inverse: {
    'account.status': 'GET /dapi/v1/account',
    'account.balance': 'GET /dapi/v1/balance',
    'account.position': 'GET /dapi/v1/positionRisk',
  },
  spot: {
    exchangeInfo: 'GET /api/v3/exchangeInfo',
    depth: 'GET /api/v3/depth',
    'ticker.book': 'GET /api/v3/ticker/bookTicker',
    'account.status': 'GET /api/v3/account',
    allOrders: 'GET /api/v3/allOrders',
    myTrades: 'GET /api/v3/myTrades',
  },
  linear: {
    depth: 'GET /fapi/v1/depth',
    'ticker.book': 'GET /fapi/v1/ticker/bookTicker',
    'account.status': 'GET /fapi/v3/account',
    'v2/account.status': 'GET /fapi/v3/account',
    'account.balance': 'GET /fapi/v2/balance',
    'v2/account.balance': 'GET /fapi/v3/balance',
    'account.position': 'GET /fapi/v2/positionRisk',
    'v2/account.position': 'GET /fapi/v3/positionRisk',
  },
};

interface Desk {
  readonly context: TestnetContext;
  readonly routes: ReadonlyMap<string, Route>;
  readonly windows: RateWindows;
}

/** Limits first, then the key, then the time and the signature, then the call itself. */
function replyTo(request: RawHttpRequest, desk: Desk): RawHttpReply {
  const { context, routes, windows } = desk;
  const route = routes.get(`${request.method} ${request.path}`);
  if (route === undefined) {
    const msg = `Path ${request.path}, Method ${request.method} is invalid`;
    return httpReply(refused(-5000, msg, 404), {});
  }
  if (context.fault('rate-limit') || context.fault('rate-limited')) {
    return httpReply(refused(-1003, 'Too many requests.', 429), { 'Retry-After': '2' });
  }
  if (context.fault('ban')) {
    return httpReply(refused(-1003, 'Way too many requests; IP banned.', 418), {
      'Retry-After': '120',
    });
  }
  const { headers, refusal } = windows.spend(route, context.now().wallMs);
  if (refusal !== null) return httpReply(refusal, headers);
  const params = paramsOf(request);
  const denied = deniedBy(request, route, params, context);
  return httpReply(denied ?? route.answer(params, request), headers);
}

function deniedBy(
  request: RawHttpRequest,
  route: Route,
  params: ReadonlyMap<string, string>,
  context: TestnetContext,
): (Answer & { readonly ok: false }) | null {
  if (route.auth === 'none') return null;
  const byKey = refusalByKey(request, context.credentials);
  if (byKey !== null || route.auth === 'key') return byKey;
  const time = { timestamp: params.get('timestamp'), recvWindow: params.get('recvWindow') };
  return (
    refusalByTime(time, context.now().wallMs + skewMs(context)) ??
    refusalBySignature(request, params, context.credentials)
  );
}

interface Doors {
  readonly sockets: VenueSockets;
  readonly listenKeys: ListenKeys;
  readonly coinListenKeys: ListenKeys;
  readonly wsApi: WsApi;
}

/**
 * Spot: /ws[/names], /stream[?streams=], and /stream/ws[/label]. USD-M is split: /public, /market
 * and /private before the same; its unrouted paths are gone. COIN-M has spot's paths on a host of
 * its own, here told apart by the stream's symbol, and /ws/<listenKey>. Names in a path may be a
 * client's shard label.
 */
function openSocket(socket: TestnetSocket, doors: Doors): SocketHandler | null {
  const parts = socket.path.split('/').filter((part) => part !== '');
  const query = new URLSearchParams(socket.query);
  if (parts[0] === 'ws-api' && parts[1] === 'v3') return doors.wsApi.open(socket, 'spot');
  if (parts[0] === 'ws-fapi' && parts[1] === 'v1') return doors.wsApi.open(socket, 'linear');
  if (parts[0] === 'ws-dapi' && parts[1] === 'v1') return doors.wsApi.open(socket, 'inverse');
  const route = parts[0];
  const isRouted = route === 'public' || route === 'market' || route === 'private';
  const rest = isRouted ? parts.slice(1) : parts;
  const [mode, ...names] = rest[0] === 'stream' && rest[1] === 'ws' ? rest.slice(1) : rest;
  if (mode !== 'ws' && mode !== 'stream') return null;
  const combined = mode === 'stream';
  if (route === 'private') {
    const listenKey = query.get('listenKey') ?? names[0];
    return listenKey === undefined ? null : doors.listenKeys.open(socket, listenKey, combined);
  }
  if (names.length === 1 && isListenKey(names[0] ?? '')) {
    return doors.coinListenKeys.open(socket, names[0] ?? '', combined);
  }
  const streams = [...names, ...(query.get('streams') ?? '').split('/')].filter((s) => s !== '');
  const side = route === 'public' || route === 'market' ? route : 'spot';
  return doors.sockets.open(socket, { route: side, combined, streams });
}
