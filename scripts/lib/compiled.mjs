// Lets a benchmark, whose own TypeScript is run through tsx, import the program as it is compiled
// for users: tsx names every function whenever it is made, which a hot path would pay for.
import { register } from 'node:module';

register('./compiled-hooks.mjs', import.meta.url);
