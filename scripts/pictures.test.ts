import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PICTURED, picture, picturePath } from './pictures.ts';

it.each(PICTURED)('the picture of %s is what its trace looks like now (npm run pictures)', (name) => {
  expect(readFileSync(picturePath(name), 'utf8')).toBe(picture(name));
});
