// The view of a running system: in place on a terminal, a plain line now and then elsewhere.
import type { RunView } from './run.ts';
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

const plainEveryMs = 10_000;

/** The returned function ends it; calling it again does nothing. */
export function startView({ run, screen }: ViewOptions): () => void {
  const tell = (): void => {
    const { pairCounts, fundingPayments, pnl } = run.system.status();
    screen.write(
      `pairs open ${pairCounts.open}, closed ${pairCounts.closed}; funding payments ` +
        `${fundingPayments}; profit ${pnl.total} USD\n`,
    );
  };
  const timer = setInterval(tell, plainEveryMs);
  return () => clearInterval(timer);
}
