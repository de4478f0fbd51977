// /v5/trade: order operations over a socket after a login. Replies have the REST API's codes, the
// rate headers, and the request's id.
import type { SocketHandler, TestnetSocket } from '../protocol.ts';
import { type Answer, badParams, refused } from './answer.ts';
import { refusalByLogin, refusalByTime } from './auth.ts';
import { idleWallMsMax, type Message, readMessage } from './messages.ts';
import { type Params, paramsOfObject } from './params.ts';
import { takeLimit } from './rest.ts';
import type { BybitState } from './state.ts';
import { amendOrder, batch, cancelOrder, createOrder } from './trade.ts';

type Operation = (state: BybitState, params: Params) => Answer;

/** The REST path whose rate window each shares. */
const operations: Readonly<Record<string, readonly [string, Operation, 'one' | 'batch']>> = {
  'order.create': ['POST /v5/order/create', createOrder, 'one'],
  'order.amend': ['POST /v5/order/amend', amendOrder, 'one'],
  'order.cancel': ['POST /v5/order/cancel', cancelOrder, 'one'],
  'order.create-batch': ['POST /v5/order/create-batch', createOrder, 'batch'],
  'order.amend-batch': ['POST /v5/order/amend-batch', amendOrder, 'batch'],
  'order.cancel-batch': ['POST /v5/order/cancel-batch', cancelOrder, 'batch'],
};

interface TradeSocket {
  readonly socket: TestnetSocket;
  loggedIn: boolean;
  heardWallMs: number;
}

export class TradeSockets {
  private readonly state: BybitState;
  private readonly sockets = new Set<TradeSocket>();

  constructor(state: BybitState) {
    this.state = state;
  }

  open(socket: TestnetSocket): SocketHandler {
    const client: TradeSocket = { socket, loggedIn: false, heardWallMs: socket.openedWallMs };
    this.sockets.add(client);
    return {
      message: (text) => this.message(client, text),
      closed: () => this.sockets.delete(client),
    };
  }

  second(wallMs: number): void {
    for (const { socket, heardWallMs } of this.sockets) {
      if (wallMs - heardWallMs > idleWallMsMax) socket.close(1000, 'idle');
    }
  }

  private message(client: TradeSocket, text: string): void {
    const { wallMs } = this.state.now();
    client.heardWallMs = wallMs;
    const message = readMessage(text);
    if (message === null) {
      this.reply(client, null, { op: '', answer: badParams('no JSON object') });
      return;
    }
    const { op, args } = message;
    if (op === 'ping') {
      this.send(client, message, {
        retCode: 0,
        retMsg: 'OK',
        op: 'pong',
        data: [String(Math.floor(wallMs))],
      });
    } else if (op === 'auth') {
      const { credentials } = this.state.context;
      const refusal = refusalByLogin(args, credentials, this.state.clockMs());
      client.loggedIn = refusal === null;
      const retCode = refusal?.code ?? 0;
      this.send(client, message, { retCode, retMsg: refusal?.message ?? 'OK', op });
    } else {
      this.operate(client, message);
    }
  }

  private operate(client: TradeSocket, message: Message): void {
    const { op, args, header } = message;
    const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
    if (operation === undefined) {
      this.reply(client, message, { op, answer: refused(10404, `op ${op} is not found`) });
      return;
    }
    if (!client.loggedIn) {
      this.reply(client, message, { op, answer: refused(10005, 'Permission denied: no auth') });
      return;
    }
    const late = refusalByTime(
      header?.get('X-BAPI-TIMESTAMP') ?? '',
      header?.get('X-BAPI-RECV-WINDOW') ?? '',
      this.state.clockMs(),
    );
    const [body] = args;
    const params = paramsOfObject(body);
    if (late !== null || params === null) {
      this.reply(client, message, { op, answer: late ?? badParams('args is empty') });
      return;
    }
    const [name, act, form] = operation;
    const { context } = this.state;
    const [method = '', path = ''] = name.split(' ');
    const fault = context.orderFault({ method, path });
    if (fault === 'timeout') return;
    if (fault === 'http-503') return client.socket.close(1011, 'internal error');
    const { allowed, headers } = takeLimit(this.state, 'orders', { name, call: { params, body } });
    if (!allowed || context.fault('rate-limit') || context.fault('rate-limited')) {
      const answer = refused(10006, 'Too many visits. Exceeded the API Rate Limit.');
      this.reply(client, message, { op, answer, headers });
      return;
    }
    const done = form === 'one' ? act(this.state, params) : batch(this.state, body, act);
    if (fault === 'ack-lost') return client.socket.close(1011, 'internal error');
    // It was carried out, and the answer does not say so.
    const answer = context.fault('unknown-outcome') ? refused(10016, 'Server error.') : done;
    this.reply(client, message, { op, answer, headers });
  }

  private reply(
    client: TradeSocket,
    message: Message | null,
    said: {
      readonly op: string;
      readonly answer: Answer;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): void {
    const { op, answer, headers } = said;
    const timenow = String(Math.floor(this.state.now().wallMs));
    this.send(client, message, {
      retCode: answer.ok ? 0 : answer.code,
      retMsg: answer.ok ? 'OK' : answer.message,
      op,
      data: answer.ok ? answer.result : {},
      retExtInfo: answer.ok ? (answer.extra ?? {}) : {},
      header: { Timenow: timenow, ...headers },
    });
  }

  private send({ socket }: TradeSocket, message: Message | null, body: object): void {
    const id = message?.requestId ?? null;
    const frame = { ...(id === null ? {} : { reqId: id }), ...body };
    socket.send(JSON.stringify({ ...frame, connId: `trade-${socket.id}` }));
  }
}
