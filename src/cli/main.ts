// Entry of the command `farb`: runs the command line, waits until stdout took everything, and
// exits with the command's code. Everything else is in program.ts, so that tests can run it
// without exiting.
import { inlineHotPaths } from '../app/inlining.ts';
import { runProgram } from './program.ts';

inlineHotPaths();

// A reader that closed the pipe (`farb scan | head`) is no error of ours.
process.stdout.on('error', () => process.exit(0));
const code = await runProgram(process.argv.slice(2));
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit(code);
