/** The program: hears signals first, then loads the command line, which takes a while. */
import { listenToSignals } from './signals.ts';

listenToSignals();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
