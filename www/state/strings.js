/**
 * The strings of a language: those that stand on the page, fetched when it is chosen, and those that explain on request
 * (keys with a part `about` or `help`, the dialogs, what editing and links say, and what belongs to parts of the whole core alone),
 * fetched when somebody might ask.
 */

/** @import {Language, Strings} from './locale.js' */

/** @typedef {Record<Language, () => Promise<{default: Strings}>>} Sources */

/** @type {Sources} */
const STRINGS = {
  en: () => import('../locales/en.json'),
  ja: () => import('../locales/ja.json'),
  ko: () => import('../locales/ko.json'),
};

/** @type {Sources} */
const EXPLANATIONS = {
  en: () => import('../locales/explanations/en.json'),
  ja: () => import('../locales/explanations/ja.json'),
  ko: () => import('../locales/explanations/ko.json'),
};

/** @param {Language} language */
export async function loadStrings(language) {
  return (await STRINGS[language]()).default;
}

/** @param {Language} language */
export async function loadExplanations(language) {
  return (await EXPLANATIONS[language]()).default;
}
