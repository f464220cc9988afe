/** The program. Whoever starts it listens to signals by then: to load the command line takes a while. */
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2));
