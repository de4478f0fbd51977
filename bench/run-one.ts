// One run of one benchmark, in a process of its own: it tells its parent the rows, and ends.
import { inlineHotPaths } from '../src/app/inlining.ts';
import { mustBe } from './benches.ts';
import type { Run } from './figures.ts';
import { yardstickNs } from './recording.ts';

const [name = ''] = process.argv.slice(2);
// As the product does.
inlineHotPaths();
const { title, run } = await mustBe(name).load();
const yardNs = yardstickNs();
const rows = await run();
process.send?.({ title, run: { yardNs, rows } satisfies Run });
process.disconnect?.();
