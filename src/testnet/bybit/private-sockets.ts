// /v5/private: after a login, orders, executions, positions and the wallet. Events of the exchange
// wait until the call that caused them has been answered, so an ack is written before its order's
// frame; one flush sends each position and the wallet once, in their last state.
import type { SimEvent, SimOrder } from '../../sim/api.ts';
import type { SocketHandler, TestnetSocket } from '../protocol.ts';
import { refusalByLogin } from './auth.ts';
import { idleWallMsMax, type Message, readMessage } from './messages.ts';
import { executionRow, fundingRow, orderRow, positionRow, type Row, walletRow } from './rows.ts';
import type { BybitState } from './state.ts';

const topics = ['order', 'execution', 'position', 'wallet'] as const;
type Topic = (typeof topics)[number];
/** Accepted and silent. */
const quietTopic = /^(?:execution\.fast|greeks|dcp\.\w+|(?:order|execution|position)\.\w+)/;

interface PrivateSocket {
  readonly socket: TestnetSocket;
  readonly topics: Set<string>;
  loggedIn: boolean;
  heardWallMs: number;
}

interface Frame {
  readonly topic: Topic;
  readonly rows: Row[];
}

export class PrivateSockets {
  private readonly state: BybitState;
  private readonly sockets = new Set<PrivateSocket>();
  private waiting: (SimEvent | { readonly kind: 'row'; readonly row: Row })[] = [];
  private frames = 0;

  constructor(state: BybitState) {
    this.state = state;
  }

  open(socket: TestnetSocket): SocketHandler {
    const client: PrivateSocket = {
      socket,
      topics: new Set(),
      loggedIn: false,
      heardWallMs: socket.openedWallMs,
    };
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

  event(event: SimEvent): void {
    if (this.state.muted && event.kind === 'order') return;
    this.enqueue(event);
  }

  /** A row of `order` that no event of the exchange stands for. */
  pushOrder(row: Row): void {
    this.enqueue({ kind: 'row', row });
  }

  private enqueue(entry: SimEvent | { readonly kind: 'row'; readonly row: Row }): void {
    this.waiting.push(entry);
    if (this.waiting.length > 1) return;
    // After the present call and what it answers.
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    const entries = this.waiting;
    this.waiting = [];
    if (this.sockets.size === 0) return;
    for (const { topic, rows } of this.framesOf(entries)) {
      const wanted = [...this.sockets].filter((client) => client.topics.has(topic));
      if (wanted.length === 0) continue;
      const frame = JSON.stringify({
        id: `${topic}-${++this.frames}`,
        topic,
        creationTime: this.state.now().tsMs,
        data: rows,
      });
      for (const { socket } of wanted) socket.send(frame);
    }
  }

  private framesOf(entries: readonly (SimEvent | { kind: 'row'; row: Row })[]): readonly Frame[] {
    const { listings, names, exchange } = this.state;
    const frames: Frame[] = [];
    const say = (topic: Topic, row: Row): void => {
      const last = frames.at(-1);
      if (last?.topic === topic) last.rows.push(row);
      else frames.push({ topic, rows: [row] });
    };
    const sayOrder = (order: SimOrder): void => {
      say('order', orderRow(order, listings.of(order.instrument), names.noteOf(order)));
    };
    const positions = new Map<string, Row>();
    const coins = new Set<string>();
    for (const entry of entries) {
      switch (entry.kind) {
        case 'row':
          say('order', entry.row);
          break;
        case 'order':
          sayOrder(entry.order);
          break;
        case 'fill': {
          const { fill, order } = entry;
          const listed = listings.of(fill.instrument);
          say('execution', executionRow(fill, listed, order, names.noteOf(order)));
          sayOrder(order);
          break;
        }
        case 'funding-payment':
          say('execution', fundingRow(entry.payment, listings.of(entry.payment.instrument)));
          break;
        case 'position': {
          const { position } = entry;
          const listed = listings.of(position.instrument);
          if (listed.category !== 'spot') {
            positions.set(listed.id, positionRow(position, listed));
          }
          break;
        }
        case 'balance':
          if (entry.balance.wallet === 'unified') coins.add(entry.balance.asset);
          break;
        case 'leverage':
          positions.set(
            entry.instrument,
            positionRow(exchange.position(entry.instrument), listings.of(entry.instrument)),
          );
          break;
        case 'interval-change':
          break;
      }
    }
    for (const row of positions.values()) say('position', row);
    if (coins.size > 0) say('wallet', walletRow(exchange, coins));
    return frames;
  }

  private message(client: PrivateSocket, text: string): void {
    const { wallMs } = this.state.now();
    client.heardWallMs = wallMs;
    const message = readMessage(text);
    if (message === null) {
      this.answer(client, { op: '', success: false, ret_msg: 'Params Error' }, null);
      return;
    }
    const { op } = message;
    if (op === 'ping') {
      const args = [String(Math.floor(wallMs))];
      this.send(client, message, { op: 'pong', args });
    } else if (op === 'auth') {
      const { credentials } = this.state.context;
      const refusal = refusalByLogin(message.args, credentials, this.state.clockMs());
      client.loggedIn = refusal === null;
      const ret_msg = refusal?.message ?? '';
      this.answer(client, { op, success: client.loggedIn, ret_msg }, message);
    } else if (op === 'subscribe' || op === 'unsubscribe') {
      this.change(client, op, message);
    } else {
      this.answer(client, { op, success: false, ret_msg: `error:unknown op ${op}` }, message);
    }
  }

  private change(client: PrivateSocket, op: 'subscribe' | 'unsubscribe', message: Message): void {
    const names = message.args.map(String);
    const known: readonly string[] = topics;
    const unknown = names.find((name) => !known.includes(name) && !quietTopic.test(name));
    if (!client.loggedIn || unknown !== undefined) {
      const ret_msg = client.loggedIn
        ? `error:handler not found,topic:${unknown}`
        : 'Request not authorized';
      this.answer(client, { op, success: false, ret_msg }, message);
      return;
    }
    for (const name of names) {
      // `order.linear` and the like: the whole topic, whose rows name their category.
      const whole = known.find(
        (topic) => name.startsWith(`${topic}.`) && name !== 'execution.fast',
      );
      if (op === 'subscribe') client.topics.add(whole ?? name);
      else client.topics.delete(whole ?? name);
    }
    this.answer(client, { op, success: true, ret_msg: '' }, message);
  }

  private answer(
    client: PrivateSocket,
    said: { readonly op: string; readonly success: boolean; readonly ret_msg: string },
    message: Message | null,
  ): void {
    this.send(client, message, said);
  }

  private send({ socket }: PrivateSocket, message: Message | null, body: object): void {
    const id = message?.requestId ?? null;
    const frame = { ...(id === null ? {} : { req_id: id }), ...body };
    socket.send(JSON.stringify({ ...frame, conn_id: `private-${socket.id}` }));
  }
}
