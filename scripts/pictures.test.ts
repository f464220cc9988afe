import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PICTURED, picture, picturePath } from './pictures.ts';
import { sampled } from '../model/testing.ts';

it.each(sampled(PICTURED, 3))(
  'the picture of %s is what its trace looks like now (npm run pictures)',
  (name) => {
    expect(readFileSync(picturePath(name), 'utf8')).toBe(picture(name));
  },
);
