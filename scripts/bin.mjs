#!/usr/bin/env node
// The installed program: the sources are TypeScript, which tsx loads as they are.
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
