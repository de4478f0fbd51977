// /v5/public/{spot,linear,inverse,option}: subscriptions and what they push. Frames are made once
// per topic and tick, and only for topics that somebody subscribes.
import type { SimNow } from '../../sim/api.ts';
import type { SocketHandler, TestnetSocket } from '../protocol.ts';
import type { Category } from './listing.ts';
import { idleWallMsMax, type Message, readMessage } from './messages.ts';
import type { BybitState } from './state.ts';
import { makeTopic, type Topic } from './topics.ts';

const spotArgsMax = 10;
const topicCharsMax = 21_000;

interface Subscribed {
  readonly topic: Topic;
  readonly sockets: Set<PublicSocket>;
}

interface PublicSocket {
  readonly socket: TestnetSocket;
  readonly category: Category;
  readonly topics: Set<string>;
  heardWallMs: number;
}

export class PublicSockets {
  private readonly state: BybitState;
  private readonly topics = new Map<string, Subscribed>();
  private readonly sockets = new Set<PublicSocket>();

  constructor(state: BybitState) {
    this.state = state;
  }

  open(socket: TestnetSocket, category: Category): SocketHandler {
    const heardWallMs = socket.openedWallMs;
    const client: PublicSocket = { socket, category, topics: new Set(), heardWallMs };
    this.sockets.add(client);
    return {
      message: (text) => this.message(client, text),
      closed: () => {
        this.sockets.delete(client);
        for (const name of client.topics) this.leave(client, name);
      },
    };
  }

  tick(now: SimNow): void {
    for (const { topic, sockets } of this.topics.values()) {
      const frame = topic.next(now);
      if (frame === null) continue;
      for (const { socket } of sockets) socket.send(frame);
    }
  }

  second(now: SimNow): void {
    for (const { socket, heardWallMs } of this.sockets) {
      if (now.wallMs - heardWallMs > idleWallMsMax) socket.close(1000, 'idle');
    }
  }

  private message(client: PublicSocket, text: string): void {
    client.heardWallMs = this.state.now().wallMs;
    const message = readMessage(text);
    if (message === null) {
      this.answer(client, { op: '', success: false, text: 'Params Error' }, null);
      return;
    }
    switch (message.op) {
      case 'ping':
        this.answer(client, { op: 'ping', success: true, text: 'pong' }, message);
        return;
      case 'subscribe':
        this.subscribe(client, message);
        return;
      case 'unsubscribe':
        for (const name of message.args) this.leave(client, String(name));
        this.answer(client, { op: 'unsubscribe', success: true, text: '' }, message);
        return;
      default:
        this.answer(
          client,
          { op: message.op, success: false, text: `error:unknown op ${message.op}` },
          message,
        );
    }
  }

  /** One wrong topic refuses the whole request, as the venue does. */
  private subscribe(client: PublicSocket, message: Message): void {
    const names = message.args.map(String);
    const refusal = this.refusalOf(client, names);
    if (refusal !== null) {
      this.answer(client, { op: 'subscribe', success: false, text: refusal }, message);
      return;
    }
    const text = client.category === 'spot' ? 'subscribe' : '';
    this.answer(client, { op: 'subscribe', success: true, text }, message);
    for (const name of names) this.join(client, name);
  }

  private refusalOf(client: PublicSocket, names: readonly string[]): string | null {
    if (names.length === 0) return 'error:args is empty';
    if (client.category === 'spot' && names.length > spotArgsMax) {
      return `error:args size >${spotArgsMax}`;
    }
    const chars = [...client.topics, ...names].reduce((total, name) => total + name.length, 0);
    if (chars > topicCharsMax) return 'error:args too long';
    const unknown = names.find(
      (name) =>
        !this.topics.has(`${client.category} ${name}`) &&
        makeTopic(this.state, client.category, name) === null,
    );
    return unknown === undefined ? null : `error:handler not found,topic:${unknown}`;
  }

  private join(client: PublicSocket, name: string): void {
    const key = `${client.category} ${name}`;
    let subscribed = this.topics.get(key);
    if (subscribed === undefined) {
      const topic = makeTopic(this.state, client.category, name);
      if (topic === null) return;
      subscribed = { topic, sockets: new Set() };
      this.topics.set(key, subscribed);
    }
    client.topics.add(name);
    subscribed.sockets.add(client);
    const frame = subscribed.topic.snapshot(this.state.now());
    if (frame !== null) client.socket.send(frame);
  }

  private leave(client: PublicSocket, name: string): void {
    client.topics.delete(name);
    const key = `${client.category} ${name}`;
    const subscribed = this.topics.get(key);
    if (subscribed === undefined) return;
    subscribed.sockets.delete(client);
    if (subscribed.sockets.size === 0) this.topics.delete(key);
  }

  private answer(
    { socket }: PublicSocket,
    said: { readonly op: string; readonly success: boolean; readonly text: string },
    message: Message | null,
  ): void {
    const id = message?.requestId ?? null;
    socket.send(
      JSON.stringify({
        success: said.success,
        ret_msg: said.text,
        conn_id: `public-${socket.id}`,
        ...(id === null ? {} : { req_id: id }),
        op: said.op,
      }),
    );
  }
}
