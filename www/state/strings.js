/** The strings of a language, fetched when it is chosen. */

/** @import {Language, Strings} from './locale.js' */

/** @type {Record<Language, () => Promise<{default: Strings}>>} */
const SOURCES = {
  en: () => import('../locales/en.json'),
  ja: () => import('../locales/ja.json'),
  ko: () => import('../locales/ko.json'),
};

/** @param {Language} language */
export async function loadStrings(language) {
  return (await SOURCES[language]()).default;
}
