// What a fresh clone installs is what was tested: exact versions, from wherever the installing machine gets its packages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

for (const folder of ['www', 'tests/peers']) {
  test(`${folder}/package.json pins every package to one version`, () => {
    const { dependencies, devDependencies } = read(`${folder}/package.json`);
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    assert.ok(versions.length > 0);
    for (const [name, version] of versions) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  });

  test(`${folder}/package-lock.json has a hash for every package and names no registry`, () => {
    const { '': own, ...packages } = read(`${folder}/package-lock.json`).packages;
    assert.deepEqual(own.dependencies, read(`${folder}/package.json`).dependencies);
    for (const [name, entry] of Object.entries(packages)) {
      assert.equal(entry.resolved, undefined, name);
      assert.match(entry.integrity, /^sha512-/, name);
    }
  });
}
