/** Searches claim memory outside the heap, which nobody takes back before the heap itself is full. */
import { afterAll } from 'vitest';

afterAll(() => globalThis.gc?.());
