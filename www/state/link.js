/**
 * The share link: the URL fragment that holds an experiment, such as
 * `#1/seed=7/data=two-moons/data.noise=0.1/model.widths=64x64/points=…/end`.
 *
 * It begins with its version and lists what differs from the defaults, one `name=value` a segment, in letters, digits and
 * `. - = /` alone, which survive chat programs; `end` closes it, so that a link that was cut off is noticed. Points are
 * quantised to 12 bits a coordinate over [−6, 6]: steps of 0.003, finer than a pixel.
 */

import { MOST_POINTS, packPoints, unpackPoints } from './pack.js';
import { parameters, partOf, SECTIONS, sameValue, settingOf } from './settings.js';

/** @import {Config, Manifest} from '../engine/protocol.js' */

export const VERSION = 1;

/** Links beyond this are refused unread. */
const LONGEST = 65_536;

/**
 * What a link says, before anyone has checked it against the manifest.
 * @typedef {object} Linked
 * @property {string} [scene]
 * @property {Record<string, any>} config
 * @property {Float32Array} [points] [2n]
 * @property {boolean} whole False when the link does not end as links end.
 */

/** @typedef {{problem: string, params: Record<string, string | number>}} Problem A locale key under `link`, and what it names. */

/**
 * @param {object} experiment
 * @param {Config} experiment.config
 * @param {Manifest} experiment.manifest
 * @param {string | null} [experiment.scene] Names the experiment when nothing of it was changed.
 * @param {Float32Array | null} [experiment.points] Edited points.
 * @returns {string} The fragment, with its #.
 */
export function writeLink({ config, manifest, scene = null, points = null }) {
  const segments = [`#${VERSION}`];
  if (scene !== null) segments.push(`scene=${scene}`, `seed=${config.seed}`);
  else {
    segments.push(`seed=${config.seed}`);
    for (const section of SECTIONS) segments.push(`${section}=${config[section].id}`);
    const planar = partOf(manifest, 'data', config.data.id)?.space === 'plane';
    for (const { section, param } of parameters(manifest, config)) {
      const value = settingOf(config, section, param.name);
      // What is usual for images is not every part's own default.
      if (planar && sameValue(value, param.default)) continue;
      segments.push(`${section === 'session' ? '' : `${section}.`}${param.name}=${writeValue(value)}`);
    }
  }
  if (points !== null && points.length <= 2 * MOST_POINTS) segments.push(`points=${packPoints(points)}`);
  return [...segments, 'end'].join('/');
}

/**
 * @param {string} fragment With or without its #.
 * @returns {Linked | Problem | null} Null when there is nothing to read.
 */
export function readLink(fragment) {
  const text = fragment.replace(/^#/, '');
  if (text === '') return null;
  if (text.length > LONGEST) return { problem: 'tooLong', params: { length: text.length, most: LONGEST } };
  const [version, ...segments] = safely(() => decodeURIComponent(text), text).split('/');
  if (version !== String(VERSION))
    return { problem: 'version', params: { version: shorten(version), accepted: VERSION } };

  const whole = segments.at(-1) === 'end';
  if (whole) segments.pop();
  /** @type {Linked} */
  const linked = { config: { version: VERSION }, whole };
  for (const segment of segments) {
    const [, name, value] = /^([a-z][a-zA-Z]*(?:\.[a-z][a-zA-Z0-9]*)?)=([A-Za-z0-9.-]*)$/.exec(segment) ?? [];
    if (name === undefined) return { problem: 'segment', params: { segment: shorten(segment) } };
    const problem = take(linked, name, value);
    if (problem) return problem;
  }
  return linked;
}

/** @param {Linked} linked @param {string} name @param {string} text @returns {Problem | undefined} */
function take(linked, name, text) {
  if (name === 'points') {
    const points = unpackPoints(text);
    if (points === null) return { problem: 'points', params: { length: text.length } };
    linked.points = points;
    return undefined;
  }
  if (name === 'scene') {
    linked.scene = text;
    return undefined;
  }
  const [section, param] = name.split('.');
  const known = SECTIONS.find((s) => s === section);
  if (param !== undefined && known === undefined) return { problem: 'segment', params: { segment: shorten(name) } };
  if (known === undefined) linked.config[section] = readValue(text);
  else {
    linked.config[known] ??= {};
    linked.config[known][param ?? 'id'] = param === undefined ? text : readValue(text);
  }
  return undefined;
}

/** How a link writes a value. @param {unknown} value @returns {string} */
export function writeValue(value) {
  if (Array.isArray(value)) return value.length === 1 ? `${value[0]}x` : value.join('x');
  return String(value).replace('+', '');
}

/** @param {string} text @returns {unknown} */
function readValue(text) {
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d{1,6}x(\d{1,6}(x\d{1,6})*)?$/.test(text)) return text.split('x').filter(Boolean).map(Number);
  if (/^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
  return text;
}

/** @template T @param {() => T} run @param {T} otherwise @returns {T} */
function safely(run, otherwise) {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

/** A text as a message quotes it. @param {string} text */
export function shorten(text) {
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}
