// `npm run profile [cpu|heap|delay] [duration]`: the demo under Node's own profilers. cpu and heap
// write a profile into ./profiles (Chrome's developer tools and speedscope show it as a flame
// graph) and print the functions that took most by themselves; delay prints how late the event
// loop came and what garbage collection took. What to make of it: docs/profiling.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const kinds = ['cpu', 'heap', 'delay'] as const;
type Kind = (typeof kinds)[number];

const dir = resolve('profiles');
const shownMax = 25;

const [kind = 'cpu', duration = '30s'] = process.argv.slice(2);
if (!isKind(kind)) {
  process.stderr.write(`no profile "${kind}": ${kinds.join(', ')}\n`);
  process.exitCode = 2;
} else run(kind);

function isKind(text: string): text is Kind {
  return (kinds as readonly string[]).includes(text);
}

function run(wanted: Kind): void {
  mkdirSync(dir, { recursive: true });
  const startedMs = Date.now();
  const args = ['dist/cli/main.js', 'demo', '--for', duration, '--json', '--log', 'error'];
  const { status } = spawnSync(process.execPath, [...flagsOf(wanted), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write(`the demo ended with ${status}\n`);
    process.exitCode = 1;
    return;
  }
  if (wanted === 'delay') return;
  const file = newestIn(dir, startedMs);
  process.stdout.write(`${file}\n`);
  for (const line of wanted === 'cpu' ? cpuLines(file) : heapLines(file)) {
    process.stdout.write(`${line}\n`);
  }
}

/** `--import` runs its module before the program; the histogram is printed when all is over. */
function flagsOf(wanted: Kind): readonly string[] {
  if (wanted === 'cpu') {
    return ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${dir}`];
  }
  if (wanted === 'heap') return ['--heap-prof', `--heap-prof-dir=${dir}`];
  const module = `
    import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const pauses = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) pauses.push(duration);
    }).observe({ entryTypes: ['gc'] });
    process.on('exit', () => {
      const late = (ns) => Math.max(0, ns / 1e6 - 10).toFixed(2).padStart(9);
      for (const q of [50, 90, 99, 99.9, 100]) {
        const ms = late(delay.percentile(q));
        process.stderr.write('event loop late, ' + q + '%: ' + ms + ' ms\\n');
      }
      const total = pauses.reduce((sum, each) => sum + each, 0);
      process.stderr.write('collections: ' + pauses.length + ', ' + total.toFixed(1) +
        ' ms together, the longest ' + Math.max(0, ...pauses).toFixed(1) + ' ms\\n');
    });`;
  return [`--import=data:text/javascript,${encodeURIComponent(module)}`];
}

function newestIn(folder: string, sinceMs: number): string {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const fresh = paths.filter((path) => statSync(path).mtimeMs >= sinceMs);
  // Threads write one each: the main thread's is the largest.
  const [largest] = fresh.sort((a, b) => statSync(b).size - statSync(a).size);
  if (largest === undefined) throw new Error(`no profile was written to ${folder}`);
  return largest;
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

function cpuLines(file: string): readonly string[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile; // V8's own format
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const sums = new Map<string, number>();
  for (const [i, id] of profile.samples.entries()) {
    add(sums, nameOf(frames.get(id)), (profile.timeDeltas[i] ?? 0) / 1_000);
  }
  sums.delete('(idle)');
  return linesOf(sums, 'ms');
}

interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

function heapLines(file: string): readonly string[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as { readonly head: HeapNode };
  const sums = new Map<string, number>();
  const left = [profile.head];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    add(sums, nameOf(node.callFrame), node.selfSize / 1_024);
    left.push(...node.children);
  }
  return linesOf(sums, 'KiB');
}

function add(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}

function nameOf(frame: CallFrame | undefined): string {
  if (frame === undefined) return '(unknown)';
  const place = frame.url.split('/').slice(-2).join('/');
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  return place === '' ? name : `${name} ${place}:${frame.lineNumber + 1}`;
}

function linesOf(sums: ReadonlyMap<string, number>, unit: string): readonly string[] {
  const total = [...sums.values()].reduce((sum, each) => sum + each, 0);
  return [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, shownMax)
    .map(([name, amount]) => {
      const share = ((amount / total) * 100).toFixed(1).padStart(5);
      return `${amount.toFixed(0).padStart(8)} ${unit} ${share}%  ${name}`;
    });
}
