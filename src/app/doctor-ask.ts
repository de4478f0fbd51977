// The doctor's way to a venue's account: one request after the other, signed by the venue's clock.
import { Catalog, type Instrument } from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { Credentials, HttpRequest } from '../domain/venue-spec.ts';
import { systemClock } from '../io/clock.ts';
import type { HttpClient } from '../io/http.ts';
import { readCredentials, redactText } from '../io/keys.ts';
import type { NativeSetup } from './compose.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly events: readonly VenueEvent[];
}

const timeoutMs = 8_000;

export class Account {
  readonly setup: NativeSetup;
  private readonly http: HttpClient;
  private readonly clock = systemClock();
  private readonly credentials: Credentials | null;
  /** The venue's clock minus ours. */
  private offsetMs = 0;

  constructor(setup: NativeSetup, http: HttpClient) {
    this.setup = setup;
    this.http = http;
    this.credentials = readCredentials(setup.credentials ?? {}, {
      venue: setup.spec.id,
      needsPassphrase: setup.spec.needsPassphrase,
    });
  }

  /** A clock that is off is told by a check of its own; here it must not look like a bad key. */
  async syncClock(): Promise<void> {
    const sentMs = this.clock.wallMs();
    const { events } = await this.ask(this.setup.spec.requests.serverTime());
    const told = events.find((event) => event.kind === 'control' && event.name === 'server-time');
    if (told?.kind !== 'control' || told.value === null) return;
    const serverMs = Number(told.value);
    if (Number.isFinite(serverMs)) {
      this.offsetMs = serverMs - (sentMs + this.clock.wallMs()) / 2;
    }
  }

  /** @throws Error when nothing answers; its text holds no key */
  async ask(request: HttpRequest, catalog = new Catalog()): Promise<Reply> {
    const { spec, endpoints } = this.setup;
    const { credentials } = this;
    const wallMs = Math.round(this.clock.wallMs() + this.offsetMs);
    const signed = credentials === null ? request : spec.sign(request, credentials, wallMs);
    const outcome = await this.http.send({
      base: endpoints.http[request.host] ?? '',
      method: signed.method,
      path: signed.path,
      query: signed.query,
      body: signed.body,
      headers: { ...endpoints.headers, ...signed.headers },
      timeoutMs,
      lane: 'read',
    });
    if (!outcome.ok) throw new Error(redactText(outcome.message, credentials));
    const { status, body } = outcome;
    return { status, body, events: spec.decodeReply(request, outcome, catalog) };
  }

  async askAll(
    requests: readonly HttpRequest[],
    known: readonly Instrument[] = [],
  ): Promise<readonly VenueEvent[]> {
    const catalog = new Catalog();
    for (const instrument of known) catalog.put(instrument);
    const events: VenueEvent[] = [];
    for (const request of requests) events.push(...(await this.ask(request, catalog)).events);
    return events;
  }
}
