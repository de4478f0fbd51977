// The last lines of a test run: every skipped test with its reason, then one plain line of totals.
// Must never let a run look green that was not: a file that did not load and an error outside every
// test count as failures, and a run in which nothing ran fails.
import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

export type Totals = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** `N passed, N failed`, and `, N skipped` when any. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export function isGreen({ passed, failed }: Totals): boolean {
  return passed > 0 && failed === 0;
}

export class ClosingReporter implements Reporter {
  private totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  private ended = false;
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
    if (vitest.config.watch) return;
    // At exit, so that no other reporter and no teardown prints after it.
    process.once('exit', () => this.close());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => cases.filter((test) => test.result().state === state).length;
    this.totals = {
      passed: count('passed'),
      // A test that is still pending was cut off: it has not passed.
      failed: count('failed') + count('pending') + brokenSuites(modules) + unhandledErrors.length,
      skipped: count('skipped'),
    };
    this.ended = true;
    this.printSkipped(cases.filter((test) => test.result().state === 'skipped'));
  }

  private printSkipped(skipped: readonly TestCase[]): void {
    // A name filter (-t) marks all other tests as skipped: only those with a reason of their own
    // say so.
    const filtered = this.vitest?.getGlobalTestNamePattern() !== undefined;
    for (const test of skipped) {
      const reason = skipReason(test);
      if (filtered && reason === undefined) continue;
      const why = reason ?? "no reason given: say it with ctx.skip('why')";
      this.vitest?.logger.log(`SKIPPED ${test.module.relativeModuleId} > ${test.fullName}: ${why}`);
    }
  }

  private close(): void {
    const { passed, failed } = this.totals;
    if (!this.ended) writeSync(2, 'the test run did not reach its end\n');
    else if (passed + failed === 0) writeSync(2, 'no test ran\n');
    if (!this.ended || !isGreen(this.totals)) process.exitCode ||= 1;
    writeSync(1, `${closingLine(this.totals)}\n`);
  }
}

/** Files and describe blocks that broke outside their tests (imports, hooks): one failure each. */
function brokenSuites(modules: readonly TestModule[]): number {
  return modules
    .flatMap((module) => [module, ...module.children.allSuites()])
    .filter((suite) => suite.errors().length > 0).length;
}

function skipReason(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === 'skipped' ? result.note : undefined;
}
