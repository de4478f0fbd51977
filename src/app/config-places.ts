// Where the configuration is when nobody says: ./config of the working directory, else the one
// that the package ships.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function shippedConfigDir(): string {
  return fileURLToPath(new URL('../../config', import.meta.url));
}

export function defaultConfigDir(): string {
  return existsSync('config/exchanges.yaml') ? 'config' : shippedConfigDir();
}
