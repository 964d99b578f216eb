/** How a config is read and patched, with the manifest at hand: every parameter of the parts that it uses, and its value. */

/** @import {Config, Manifest, Param, Part, SectionName} from '../engine/protocol.js' */

/** The sections of a config, in the order in which people meet them. */
export const SECTIONS = /** @type {SectionName[]} */ (['data', 'model', 'sampler', 'objective', 'optimizer']);

/** @typedef {SectionName | 'session'} Home The section of a parameter; those of `session` sit at the top of a config. */
/** @typedef {{kind: 'param', section: Home, part: string, param: Param}} Entry */

/**
 * Every parameter of the parts that a config uses.
 * @param {Manifest} manifest
 * @param {Config} config
 * @returns {Entry[]}
 */
export function parameters(manifest, config) {
  /** @param {Home} section @param {Part | undefined} part @returns {Entry[]} */
  const of = (section, part) =>
    (part?.params ?? []).map((param) => ({ kind: 'param', section, part: part?.id ?? '', param }));
  return [
    ...SECTIONS.flatMap((section) => of(section, partOf(manifest, section, config[section].id))),
    ...of('session', manifest.sections.session),
  ];
}

/** @param {Manifest} manifest @param {SectionName} section @param {string} id */
export function partOf(manifest, section, id) {
  return manifest.sections[section].find((part) => part.id === id);
}

/** @param {Config} config @param {Home} section @param {string} name */
export function settingOf(config, section, name) {
  return section === 'session' ? config[name] : config[section][name];
}

/**
 * The patch that sets one value.
 * @param {Home} section
 * @param {string} name
 * @param {unknown} value
 */
export function patchOf(section, name, value) {
  return section === 'session' ? { [name]: value } : { [section]: { [name]: value } };
}

/** Whether two values of a parameter are the same. @param {unknown} a @param {unknown} b */
export function sameValue(a, b) {
  return Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((x, i) => x === b[i]) : a === b;
}
