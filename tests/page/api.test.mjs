// The scripting interface names every call that is fetched later, and no other: `api.js` has the names, `further-api.js` the calls.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** @param {string} path */
const read = (path) => readFileSync(new URL(`../../www/${path}`, import.meta.url), 'utf8');

test('every call that is fetched later is named', () => {
  const list = /const FURTHER = [^[]*\[([^\]]*)\]/.exec(read('api.js'))?.[1] ?? '';
  const named = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  const there = [...read('further-api.js').matchAll(/^export (?:const|async function) (\w+)/gm)].map(
    ([, name]) => name,
  );
  assert.ok(there.length > 20);
  assert.deepEqual(named, there.sort());
});
