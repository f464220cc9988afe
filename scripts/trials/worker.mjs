// A thread does not inherit what loads TypeScript in the main one.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
