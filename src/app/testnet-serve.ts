// The testnet for the command line: the one door from `cli` to the `testnet` layer.
import { type RunningTestnet, type RunTestnetOptions, runTestnet } from '../testnet/run.ts';

export function serveTestnet(options: RunTestnetOptions): Promise<RunningTestnet> {
  return runTestnet(options);
}
