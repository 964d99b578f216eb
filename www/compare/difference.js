/** What two runs can differ in: which part of a section, or the value of one dial. */

import { obstacle } from '../controls/obstacles.js';
import { parameters, patchOf, settingOf } from '../state/settings.js';

/** @import {Config, Manifest, Param, SectionName} from '../engine/protocol.js' */
/** @import {Home} from '../state/settings.js' */

/**
 * A part (without a parameter) or a dial. What is about the points is none: both runs have the same.
 * @typedef {{section: Home, param: Param | null}} Difference
 */

/** Sections whose part may differ, the one that people compare most first. */
const PARTS = /** @type {SectionName[]} */ (['objective', 'sampler', 'model', 'optimizer']);

/** @param {Manifest} manifest @param {Config} config @returns {Difference[]} */
export function differences(manifest, config) {
  const dials = parameters(manifest, config).filter(
    ({ section, param }) => section !== 'data' && param.kind !== 'widths',
  );
  return [
    ...PARTS.map((section) => ({ section, param: null })),
    ...dials.map(({ section, param }) => ({ section, param })),
  ];
}

/** How a form writes which difference it is. @param {Difference} difference */
export const nameOf = ({ section, param }) => (param === null ? section : `${section}.${param.name}`);

/** The values that a run may take, where they can be listed. @param {Manifest} manifest @param {Config} config @param {Difference} difference @returns {unknown[] | null} */
export function choices(manifest, config, { section, param }) {
  if (param !== null) return param.kind === 'boolean' ? [false, true] : (param.choices ?? null);
  const of = /** @type {SectionName} */ (section);
  return manifest.sections[of].map(({ id }) => id).filter((id) => obstacle(manifest, config, of, id) === null);
}

/** @param {Config} config @param {Difference} difference @returns {unknown} */
export function valueIn(config, { section, param }) {
  return param === null ? config[/** @type {SectionName} */ (section)].id : settingOf(config, section, param.name);
}

/** @param {Difference} difference @param {unknown} value */
export function change({ section, param }, value) {
  return param === null ? { [section]: { id: value } } : patchOf(section, param.name, value);
}

/**
 * Another value than the one of the config, for the second run to begin with.
 * @param {Manifest} manifest @param {Config} config @param {Difference} difference
 */
export function another(manifest, config, difference) {
  const value = valueIn(config, difference);
  const listed = choices(manifest, config, difference);
  if (listed !== null) return listed.find((other) => other !== value) ?? value;
  const { min = 0, max = 1, kind, scale } = /** @type {Param} */ (difference.param);
  const from = typeof value === 'number' ? value : min;
  const further = scale === 'log' ? from * 4 : from + (max - min) / 4;
  const other = further <= max ? further : scale === 'log' ? from / 4 : from - (max - min) / 4;
  const within = Math.min(max, Math.max(min, other));
  return kind === 'integer' ? Math.round(within) : Number(within.toPrecision(3));
}
