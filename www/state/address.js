/** The address of the page: what its query asks for, and the fragment that follows the experiment. */

import { chooseLanguage } from './locale.js';

/** @import {BackendChoice} from '../engine/protocol.js' */
/** @import {Language} from './locale.js' */

/** @type {readonly BackendChoice[]} */
const BACKENDS = ['auto', 'webgpu', 'wasm'];

/**
 * How the page is to open. What is not understood falls back to the default and is named in `unknown`.
 * @param {string} query
 * @param {readonly string[]} preferred The browser's languages.
 * @returns {{backend: BackendChoice, language: Language, unknown: {name: string, value: string, accepted: string}[]}}
 */
export function readQuery(query, preferred) {
  const params = new URLSearchParams(query);
  const asked = params.get('backend');
  const backend = BACKENDS.find((choice) => choice === asked);
  const lang = params.get('lang');
  const { language, known } = chooseLanguage(lang, preferred);
  const unknown = [];
  if (asked !== null && !backend)
    unknown.push({ name: 'backend', value: asked.slice(0, 40), accepted: BACKENDS.join(', ') });
  if (!known) unknown.push({ name: 'lang', value: String(lang).slice(0, 40), accepted: 'en, ja, ko' });
  return { backend: backend ?? 'auto', language, unknown };
}

/**
 * The same address with one value of the query set.
 * @param {string} href
 * @param {string} name
 * @param {string} value
 */
export function withQuery(href, name, value) {
  const url = new URL(href);
  url.searchParams.set(name, value);
  return url.href;
}
