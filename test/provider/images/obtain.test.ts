import { describe, expect, it } from 'vitest';
import { obtainImage } from '../../../src/provider/images/obtain.js';

describe('an image that is built from Debian packages', () => {
  it.each(['bootstrap:bookworm', 'bootstrap:sid'])(
    'is refused on a Mac before anything is looked for: %s',
    async (image) => {
      const said: unknown[] = [];
      const tell = (what: unknown) => said.push(what);
      const places = {
        homeFolder: '/nowhere',
        recipesFolder: '/nowhere',
        env: {},
        controller: { architecture: 'arm64', platform: 'darwin', ordinaryUser: 'ann' },
        mirror: undefined,
        accelerator: { flag: undefined, setting: undefined },
      } as const;
      const work = {
        signal: new AbortController().signal,
        onProgress: tell,
        onNote: tell,
      };
      await expect(obtainImage({ image, kernelOptions: '' }, places, work)).rejects.toMatchObject({
        code: 'image-unknown',
        hint: expect.stringContaining('ubuntu:24.04'),
      });
      expect(said).toEqual([]);
    },
  );
});
