// The version in package.json, beside dist/ and src/ alike.
import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed = JSON.parse(text) as { version: string }; // our own file
  return parsed.version;
}
