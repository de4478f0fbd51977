// The heavy packages of research are loaded when they are needed: no other command pays for them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('..', import.meta.url));

it.each(['@duckdb/node-api', 'apache-arrow', 'yauzl'])('%s is imported lazily', (name) => {
  const files = readdirSync(src, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }))
    .filter(({ text }) => text.includes(`'${name}'`));
  expect(files.length).toBeGreaterThan(0);
  const eager = new RegExp(`^import (?!type\\b)[^;]*from '${name}'`, 'm');
  for (const { file, text } of files) {
    expect(text, file).not.toMatch(eager);
    expect(text, file).toContain(`import('${name}')`);
  }
});
