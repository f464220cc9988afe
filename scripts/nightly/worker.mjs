// A process does not inherit what loads TypeScript in its parent.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
