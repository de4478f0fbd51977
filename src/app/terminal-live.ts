// The view of a running system: in place on a terminal, a plain line now and then elsewhere. It
// writes to stderr only, and leaves the terminal as it found it.
import type { RunView } from './run.ts';
import { startedMs } from './started.ts';
import { nowSentence } from './terminal-story.ts';
import { clockText, instrumentText, signedUsd } from './terminal-text.ts';
import { renderView, type ViewInput, type ViewLabel } from './terminal-view.ts';
import type { TestnetFile } from './testnet-file.ts';

/** Where the view is drawn; the command line hands in stderr. */
export interface Screen {
  readonly live: boolean;
  readonly stderrColors: boolean;
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
}

export interface ViewOptions {
  readonly run: RunView & { readonly testnet: TestnetFile | null };
  readonly screen: Screen;
  readonly forMs: number | null;
}

const drawEveryMs = 250;
const plainEveryMs = 10_000;
const esc = '\u001b[';
/** The alternate screen without a cursor, and back: what scrolled before stays. */
const enter = `${esc}?1049h${esc}?25l`;
const leave = `${esc}?25h${esc}?1049l`;
/** The terminal shows a frame only when it is complete, where it can. */
const frameStart = `${esc}?2026h${esc}H`;
const frameEnd = `${esc}J${esc}?2026l`;

/** The returned function ends it; calling it again does nothing. */
export function startView(options: ViewOptions): () => void {
  return options.screen.live ? startLive(options) : startPlain(options);
}

function startLive({ run, screen, forMs }: ViewOptions): () => void {
  const draw = (): void => {
    const size = { ...screen.size(), colors: screen.stderrColors };
    const lines = renderView(inputOf(run, forMs), size);
    screen.write(`${frameStart}${lines.map((line) => `${line}${esc}K`).join('\r\n')}${frameEnd}`);
  };
  let shown = true;
  const end = (): void => {
    if (!shown) return;
    shown = false;
    clearInterval(timer);
    process.off('exit', end);
    screen.write(leave);
  };
  process.on('exit', end); // whatever ends the process, the terminal is given back
  screen.write(enter);
  const timer = setInterval(draw, drawEveryMs);
  draw();
  return end;
}

function startPlain({ run, screen }: ViewOptions): () => void {
  const tell = (): void => {
    const status = run.system.status();
    const { pairCounts, fundingPayments, pnl, tsMs } = status;
    screen.write(
      `venue ${clockText(tsMs)}: pairs open ${pairCounts.open}, closed ${pairCounts.closed}; ` +
        `funding payments ${fundingPayments}; profit ${signedUsd(Number(pnl.total))} USD. ` +
        `${nowSentence(status)}\n`,
    );
  };
  const timer = setInterval(tell, plainEveryMs);
  return () => clearInterval(timer);
}

function inputOf(run: ViewOptions['run'], forMs: number | null): ViewInput {
  const { system, testnet, apiUrl, metricsUrl } = run;
  return {
    status: system.status(),
    speed: testnet?.speed ?? 1,
    labels: labelsOf(testnet),
    best: system.best(1).map(({ pair, bound }) => {
      const long = instrumentText(pair.long);
      return { name: `${long.base} long ${long.venue} short ${venueOf(pair.short)}`, bound };
    }),
    elapsedMs: performance.now() - startedMs(),
    forMs,
    places: `${apiUrl}/api/status  ${metricsUrl}/metrics  Ctrl-C closes everything and ends`,
  };
}

function venueOf(id: string): string {
  return instrumentText(id).venue;
}

function labelsOf(testnet: TestnetFile | null): readonly ViewLabel[] {
  return (testnet?.labels ?? []).flatMap((label): readonly ViewLabel[] => {
    const { text, fromMs, toMs } = label as Record<string, unknown>; // what the testnet printed
    if (typeof text !== 'string') return [];
    return [
      {
        text,
        fromMs: typeof fromMs === 'number' ? fromMs : null,
        toMs: typeof toMs === 'number' ? toMs : null,
      },
    ];
  });
}
