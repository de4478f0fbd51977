// A local Bybit whose quotes a test says itself: nothing is quoted in between, and so many at once
// that reads hold hundreds of them.
import type { MakeProtocol, TestnetSocket } from '../../src/testnet/protocol.ts';
import { type TestnetVenueEntry, testnetVenue } from '../../src/testnet/registry.ts';

interface QuoteMessage {
  readonly topic: string;
  readonly data: { readonly b: string[][]; readonly a: string[][]; u: number; seq: number };
}

export class Flood {
  /** From now on the venue itself quotes no more. */
  holds = false;
  sent = 0;
  private readonly quotes = new Map<string, { socket: TestnetSocket; message: QuoteMessage }>();

  /** Symbols that were quoted before. */
  get symbols(): readonly string[] {
    return [...this.quotes.keys()].sort();
  }

  entry(): TestnetVenueEntry {
    const entry = testnetVenue('bybit');
    const load = async (): Promise<MakeProtocol> => {
      const make = await entry.load();
      return (context) => {
        const protocol = make(context);
        return { ...protocol, open: (socket) => protocol.open(this.tapped(socket)) };
      };
    };
    return { ...entry, load };
  }

  quote(symbol: string, bid: number): void {
    const known = this.quotes.get(symbol);
    if (known === undefined) throw new Error(`${symbol} was never quoted`);
    const { socket, message } = known;
    message.data.u++;
    message.data.seq = message.data.u;
    (message.data.b[0] as string[])[0] = bid.toFixed(1);
    (message.data.a[0] as string[])[0] = (bid + 0.1).toFixed(1);
    this.sent++;
    socket.send(JSON.stringify(message));
  }

  private tapped(socket: TestnetSocket): TestnetSocket {
    const send = (text: string): void => {
      if (!text.startsWith('{"topic":"orderbook.1.')) return socket.send(text);
      const message = JSON.parse(text) as QuoteMessage; // of the testnet
      if (this.holds) return;
      this.quotes.set(message.topic.slice('orderbook.1.'.length), { socket, message });
      socket.send(text);
    };
    return {
      ...{ id: socket.id, path: socket.path, query: socket.query },
      openedWallMs: socket.openedWallMs,
      send,
      close: (code, reason) => socket.close(code, reason),
    };
  }
}
