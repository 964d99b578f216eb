// Every string is there in every language: those that the page names, and those of whatever the core registers.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readQuery, withQuery } from '../../www/state/address.js';
import { chooseLanguage, createLocale, LANGUAGES } from '../../www/state/locale.js';
import { SECTIONS } from '../../www/state/settings.js';

import { coreManifest } from './manifest.mjs';

const WWW = new URL('../../www/', import.meta.url);
/** @param {string} name */
const read = (name) => JSON.parse(readFileSync(new URL(`locales/${name}.json`, WWW), 'utf8'));

/** All strings below a node, by their dotted keys. @param {any} node @param {string} [prefix] @returns {[string, string][]} */
const flat = (node, prefix = '') =>
  Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'object'
      ? flat(value, `${prefix}${key}.`)
      : [/** @type {[string, string]} */ ([`${prefix}${key}`, value])],
  );
/** What stands on the page and what explains it, by language. */
const STANDING = Object.fromEntries(Object.keys(LANGUAGES).map((language) => [language, flat(read(language))]));
const EXPLAINING = Object.fromEntries(
  Object.keys(LANGUAGES).map((language) => [language, flat(read(`explanations/${language}`))]),
);
const STRINGS = Object.fromEntries(
  Object.keys(LANGUAGES).map((language) => [language, new Map([...STANDING[language], ...EXPLAINING[language]])]),
);
const placeholders = (/** @type {string} */ text) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('each language has its files, and each file its language', () => {
  const own = Object.keys(LANGUAGES).map((language) => `${language}.json`);
  for (const [folder, files] of [
    ['locales/', [...own, 'explanations']],
    ['locales/explanations/', own],
  ])
    assert.deepEqual(readdirSync(new URL(/** @type {string} */ (folder), WWW)).sort(), [...files].sort());
});

/** The keys of what one can set and read of the parts of a manifest. @param {any} manifest */
function keysOf(manifest) {
  /** @type {string[]} */
  const keys = [];
  for (const section of SECTIONS)
    for (const { id, terms } of manifest.sections[section])
      for (const term of terms ?? []) keys.push(`${section}.${id}.term.${term.id}`);
  for (const section of [...SECTIONS, 'session'])
    for (const { params } of [manifest.sections[section]].flat())
      for (const { name, nullable, choices } of params ?? []) {
        keys.push(`param.${section}.${name}.label`);
        if (nullable) keys.push(`null.${section}.${name}`);
        for (const choice of choices ?? []) keys.push(`choice.${name}.${choice}`);
      }
  return keys;
}

test('what explains on request, or is about parts that come later, and only that, comes later than the page', async () => {
  const manifest = await coreManifest({ first: true });
  const first = new Set(keysOf(manifest));
  const later = new Set(keysOf(await coreManifest()).filter((key) => !first.has(key)));
  for (const section of SECTIONS)
    for (const { id, further } of manifest.sections[section]) if (further) later.add(`${section}.${id}.title`);
  for (const { id, config } of manifest.scenes) if (!config) later.add(`scene.${id}.title`);
  const explains = (/** @type {string} */ key) =>
    later.has(key) ||
    /(^|\.)(about|does|help)(\.|$)|^(import|diagnosis|bias|compare|classes|edit|examine|gallery|latent|link|machine|mixer|narration|noise|obstacle|pad|pairs|plane|plot\.step|repair|share\.(copied|shown|opened))(\.|$)|\bnegativeElbo\b/.test(
      key,
    );
  for (const language of Object.keys(LANGUAGES)) {
    assert.deepEqual(
      STANDING[language].filter(([key]) => explains(key)),
      [],
    );
    assert.deepEqual(
      EXPLAINING[language].filter(([key]) => !explains(key)),
      [],
    );
  }
});

test('an explanation is empty until it is there, and then in the language of the page', () => {
  const { t, use, explain, isExplained, has } = createLocale('en', { a: { title: 'A' } }, null);
  assert.deepEqual([t('a.title'), t('a.about'), has('a.about'), isExplained()], ['A', '', false, false]);
  explain({ a: { about: 'About {x}' } });
  assert.deepEqual(
    [t('a.title'), t('a.about', { x: 'A' }), has('a.about'), isExplained()],
    ['A', 'About A', true, true],
  );
  assert.equal(t('a.other'), 'a.other');
  use('ko', { a: { title: '가' } }, null);
  assert.deepEqual([t('a.title'), t('a.about'), isExplained()], ['가', '', false]);
});

for (const language of Object.keys(LANGUAGES)) {
  test(`${language} has the same keys as English, none empty, with the same placeholders`, () => {
    assert.deepEqual([...STRINGS[language].keys()].sort(), [...STRINGS.en.keys()].sort());
    for (const [key, text] of STRINGS[language]) {
      assert.notEqual(text.trim(), '', key);
      assert.deepEqual(placeholders(text), placeholders(STRINGS.en.get(key) ?? ''), key);
    }
  });
}

test('Japanese and Korean are translated: hardly a sentence is the English one', () => {
  for (const language of ['ja', 'ko'])
    for (const [key, text] of STRINGS.en)
      if (text.split(' ').length > 3) assert.notEqual(STRINGS[language].get(key), text, key);
});

test('every key that the page names has a string', () => {
  const missing = [];
  for (const [file, source] of sources()) {
    for (const [, quoted] of source.matchAll(
      /(?:\bt\(|\bkey: |data-(?:text|label)=)['"]([a-z][\w-]*(?:\.[\w-]+)+)['"]/g,
    ))
      if (!STRINGS.en.has(quoted)) missing.push(`${file}: ${quoted}`);
    // Of a key with parts that are known only as it runs, the pattern must fit some string.
    for (const [, template] of source.matchAll(/\bt\(`([a-z][^`]*)`/g)) {
      const pattern = new RegExp(
        `^${template
          .split(/\$\{[^}]*\}/)
          .map(escaped)
          .join('[^]+')}$`,
      );
      if (![...STRINGS.en.keys()].some((key) => pattern.test(key))) missing.push(`${file}: ${template}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('every id, parameter and choice that the core registers has its strings', async () => {
  const manifest = await coreManifest();
  /** @type {string[]} */
  const wanted = [];
  for (const section of SECTIONS)
    for (const { id } of manifest.sections[section]) wanted.push(`${section}.${id}.title`, `${section}.${id}.about`);
  for (const key of keysOf(manifest))
    wanted.push(key, ...(key.startsWith('param.') ? [key.replace(/label$/, 'help')] : []));
  for (const { id } of manifest.metrics) wanted.push(`metric.${id}.label`, `metric.${id}.help`);
  for (const { id } of manifest.scenes) wanted.push(`scene.${id}.title`, `scene.${id}.about`);
  assert.deepEqual(
    wanted.filter((key) => !STRINGS.en.has(key)),
    [],
  );
});

test('a string takes its parameters, and a key without a string stands for itself', () => {
  const { t, use, locale } = createLocale('en', { greet: { a: 'Hello {name}, {name}; {other}' } });
  assert.equal(t('greet.a', { name: 'x' }), 'Hello x, x; {other}');
  assert.equal(t('greet.b'), 'greet.b');
  assert.equal(t('greet'), 'greet');
  use('ja', { greet: { a: 'こんにちは' } });
  assert.equal(t('greet.a'), 'こんにちは');
  assert.equal(locale.value, 'ja');
});

test('numbers are written with as many digits as they deserve', () => {
  const { measure, count } = createLocale('en', {});
  assert.equal(measure(2.83194), '2.83');
  assert.equal(measure(0.04321), '0.043');
  assert.equal(measure(-12.345), '−12.3');
  assert.equal(measure(12_345.6), '12346');
  assert.equal(measure(3.1e-5), '3.10e-5');
  assert.equal(measure(0), '0.000');
  assert.equal(measure(null), '–');
  assert.equal(measure(Number.NaN), '–');
  assert.equal(count(1234567), '1,234,567');
});

test('the address names the language first, then the browser; what is unknown is said', () => {
  assert.deepEqual(chooseLanguage('ko', ['en-GB']), { language: 'ko', known: true });
  assert.deepEqual(chooseLanguage(null, ['fr', 'ja-JP', 'en']), { language: 'ja', known: true });
  assert.deepEqual(chooseLanguage('xx', ['fr']), { language: 'en', known: false });
  const query = readQuery('?lang=xx&backend=quantum', ['ko']);
  assert.equal(query.language, 'ko');
  assert.equal(query.backend, 'auto');
  assert.deepEqual(
    query.unknown.map(({ name, value }) => [name, value]),
    [
      ['backend', 'quantum'],
      ['lang', 'xx'],
    ],
  );
  assert.equal(
    withQuery('http://x.test/a/?lang=en#1/seed=7/end', 'lang', 'ja'),
    'http://x.test/a/?lang=ja#1/seed=7/end',
  );
});

/** The page's scripts and its skeleton. @returns {[string, string][]} */
function sources() {
  const files = readdirSync(WWW, { recursive: true, encoding: 'utf8' });
  const own = files.filter((file) => /\.(js|html)$/.test(file) && !/^(node_modules|dist|pkg|public)\b/.test(file));
  return own.map((file) => [file, readFileSync(new URL(file, WWW), 'utf8')]);
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
