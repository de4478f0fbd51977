// Which state directory a command is about. A halt must work whatever the configuration looks
// like, so the configuration is only read when no directory is named.
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';

export interface StateOptions {
  readonly state?: string;
  readonly config?: string;
}

export function statePathOf({ state, config }: StateOptions): string {
  return state ?? loadConfig(config ?? defaultConfigDir(), process.env).main.stateDir;
}
