/**
 * Localised strings and numbers. Strings live in locales/, nested by the dots of their keys; `{name}` in a string is
 * replaced by the parameter of that name. Explanations come later than the rest, and are empty until then.
 */

import { batch, computed, signal } from '@preact/signals-core';

/** Languages of the page, with the names that they give themselves. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', ja: '日本語', ko: '한국어' });

/** @typedef {keyof typeof LANGUAGES} Language */
/** @typedef {{[key: string]: string | Strings}} Strings */

/**
 * The language to open with: the one that the address asks for, else the first of the browser's that the page speaks.
 * @param {string | null} asked
 * @param {readonly string[]} preferred BCP 47 tags, such as navigator.languages.
 * @returns {{language: Language, known: boolean}} `known` is false when `asked` is no language of the page.
 */
export function chooseLanguage(asked, preferred) {
  /** @param {string} tag @returns {Language | undefined} */
  const spoken = (tag) => {
    const primary = tag.toLowerCase().split('-')[0];
    return primary in LANGUAGES ? /** @type {Language} */ (primary) : undefined;
  };
  const wanted = asked === null ? undefined : spoken(asked);
  const language = wanted ?? preferred.map(spoken).find((l) => l !== undefined) ?? 'en';
  return { language, known: asked === null || wanted !== undefined };
}

/**
 * @param {Language} language
 * @param {Strings} strings
 * @param {Strings | null} [explanations] null while they are not there.
 */
export function createLocale(language, strings, explanations = {}) {
  const locale = signal(language);
  const table = signal(strings);
  const explained = signal(explanations);
  /** Costly to make, and asked in every frame. */
  const grouping = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 0 }));

  /** @param {Strings | null} strings @param {string} key */
  const findIn = (strings, key) => {
    /** @type {string | Strings | null | undefined} */
    let node = strings;
    for (const part of key.split('.')) {
      if (node === null || typeof node !== 'object') return undefined;
      node = node[part];
    }
    return typeof node === 'string' ? node : undefined;
  };

  /** @param {string} key */
  const find = (key) => findIn(table.value, key) ?? findIn(explained.value, key);

  /**
   * The string of a key, in the language of the moment; a key without a string stands for itself.
   * @param {string} key
   * @param {Record<string, string | number>} [params]
   */
  const t = (key, params = {}) => {
    const found = find(key) ?? (explained.value === null ? '' : key);
    return found.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
  };

  return {
    locale,
    t,

    /** Whether a key has a string. @param {string} key */
    has: (key) => find(key) !== undefined,

    /** A whole number with the language's grouping. @param {number} value */
    count: (value) => grouping.value.format(value),

    /**
     * A measured number with so many significant digits; what does not apply is a dash.
     * @param {number | null | undefined} value
     * @param {number} [digits]
     */
    measure(value, digits = 3) {
      if (value === null || value === undefined || !Number.isFinite(value)) return '–';
      const size = Math.abs(value);
      if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(digits - 1).replace('e+', 'e');
      const decimals = size < 1 ? digits : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
      return value.toFixed(decimals).replace('-', '−');
    },

    /** Whether the explanations are there. */
    isExplained: () => explained.value !== null,

    /** @param {Strings} explanations */
    explain(explanations) {
      explained.value = explanations;
    },

    /** @param {Language} next @param {Strings} strings @param {Strings | null} [explanations] */
    use(next, strings, explanations = {}) {
      batch(() => {
        table.value = strings;
        explained.value = explanations;
        locale.value = next;
      });
    },
  };
}
