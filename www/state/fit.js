/** Makes a config from a link acceptable to the core of this page. */

import { shorten, writeValue } from './link.js';
import { partOf, SECTIONS, sameValue } from './settings.js';

/** Seeds are 32-bit numbers. */
const LARGEST_SEED = 2 ** 32 - 1;

/** @import {Manifest} from '../engine/protocol.js' */

/**
 * Brings what a link says within what the manifest accepts: unknown parts and names give way to the defaults, numbers are
 * clamped to their ranges.
 * @param {Record<string, any>} config
 * @param {Manifest} manifest
 * @returns {{config: Record<string, any>, changes: {field: string, given: string, used: string}[]}}
 */
export function fitConfig(config, manifest) {
  /** @type {{field: string, given: string, used: string}[]} */
  const changes = [];
  /** @param {string} field @param {unknown} given @param {unknown} used */
  const changed = (field, given, used) =>
    changes.push({ field, given: shorten(writeValue(given)), used: used === undefined ? '–' : writeValue(used) });

  /** @param {string} prefix @param {Record<string, any>} given @param {import('../engine/protocol.js').Param[]} params */
  const fitted = (prefix, given, params) => {
    /** @type {Record<string, unknown>} */
    const result = {};
    for (const [name, value] of Object.entries(given)) {
      const param = params.find((p) => p.name === name);
      const used = param && fitValue(value, param);
      if (used !== undefined) result[name] = used;
      if (!sameValue(used, value)) changed(`${prefix}${name}`, value, used);
    }
    return result;
  };

  const { version, seed = 0, ...rest } = config;
  /** @type {Record<string, any>} */
  const result = { version };
  result.seed = Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED ? seed : 0;
  if (result.seed !== seed) changed('seed', seed, result.seed);
  for (const section of SECTIONS) {
    const { id, ...values } = rest[section] ?? {};
    delete rest[section];
    const part = id === undefined ? partWith(manifest.sections[section], values) : partOf(manifest, section, id);
    if (part === undefined) changed(section, id, undefined);
    else if (id !== undefined) result[section] = { id, ...fitted(`${section}.`, values, part.params) };
    else if (Object.keys(values).length > 0) result[section] = fitted(`${section}.`, values, part.params);
  }
  Object.assign(result, fitted('', rest, manifest.sections.session.params));
  return { config: result, changes };
}

/** Whether a config names a part of which the manifest knows nothing but the id. @param {Record<string, any>} config @param {Manifest} manifest */
export function namesFurther(config, manifest) {
  return SECTIONS.some((section) => partOf(manifest, section, config[section]?.id)?.further);
}

/** The part that values without an id are most likely meant for. @param {import('../engine/protocol.js').Part[]} parts @param {object} values */
function partWith(parts, values) {
  const names = Object.keys(values);
  const knows = (/** @type {import('../engine/protocol.js').Part} */ part) =>
    names.filter((name) => part.params.some((param) => param.name === name)).length;
  return parts.reduce((best, part) => (knows(part) > knows(best) ? part : best));
}

/** @param {any} value @param {import('../engine/protocol.js').Param} param @returns {unknown} Undefined where nothing fits. */
function fitValue(value, { kind, min = 0, max = 1, most = 1, nullable, choices }) {
  const clamp = (/** @type {number} */ x) => Math.min(max, Math.max(min, x));
  if (value === null) return nullable ? null : undefined;
  if (kind === 'boolean') return typeof value === 'boolean' ? value : undefined;
  if (kind === 'choice') return choices?.includes(value) ? value : undefined;
  if (kind === 'widths') return Array.isArray(value) ? value.slice(0, most).map(clamp) : undefined;
  if (kind === 'set') return Array.isArray(value) ? [...new Set(value.map(clamp))].sort() : undefined;
  if (typeof value !== 'number') return undefined;
  return clamp(kind === 'integer' ? Math.round(value) : value);
}
