/** What the stage of images draws of energies: those of one sample along its film, and those of data, samples and strange images. */

import { html, nothing, svg } from 'lit';
import { numberFormat } from '../views/ticks.js';
import { endsText, histograms, outline } from './energies.js';
import { polyline } from './film.js';
import { KINDS } from './strange.js';

/** @import {Store} from '../state/store.js' */

/** Sizes of the drawings, in their own units. */
const CURVE = [200, 56];
const HISTOGRAM = [320, 72];

/** The energy of a sample, step by step, with a line at the step that is shown. @param {Store} store @param {number[]} values @param {number} at */
export function energyCurve({ t, locale }, values, at) {
  const line = polyline(values, CURVE[0], CURVE[1]);
  if (line === null || values.length < 2) return html`<p class="gallery-empty">${t('gallery.noFilm')}</p>`;
  const [lowest, highest] = endsText(locale.value, line.low, line.high);
  const x = (at / (values.length - 1)) * CURVE[0];
  return html`<div class="gallery-curve">
    <span class="gallery-axis"><span>${highest}</span><span>${lowest}</span></span>
    <svg viewBox=${`0 -2 ${CURVE[0]} ${CURVE[1] + 4}`} preserveAspectRatio="none" role="img" aria-label=${t('gallery.curve')}>
      <line class="cursor" x1=${x} x2=${x} y1="-2" y2=${CURVE[1] + 2} />
      <polyline points=${line.points} />
    </svg>
    <p class="gallery-note">${t('gallery.curve')}</p>
  </div>`;
}

/**
 * @typedef {object} Energies
 * @property {ArrayLike<number>} heldOut
 * @property {ArrayLike<number>} samples
 * @property {ArrayLike<number>} strange
 * @property {number | null} area How often a strange image has the higher energy.
 */

/**
 * Histograms, with a menu of what strange images are, and how well these are told from the data.
 * @param {Store} store @param {Energies | null} energies @param {string} kind @param {(kind: string) => void} choose
 * @param {boolean} whole Whether the data are all patterns of a kind, which turning and inverting make again.
 */
export function energyHistogram({ t, locale }, energies, kind, choose, whole) {
  if (energies === null) return html`<p class="gallery-empty">${t('gallery.measuring')}</p>`;
  const { heldOut, samples, strange, area } = energies;
  const { low, high, shares } = histograms([heldOut, samples, strange]);
  const most = Math.max(...shares.flat(), 1e-9);
  const text = numberFormat(locale.value);
  const [lowest, highest] = endsText(locale.value, low, high);
  return html`<div class="gallery-legend">
      <span data-series="heldOut">${t(whole ? 'legend.data' : 'gallery.heldOut')}</span>
      <span data-series="samples">${t('gallery.samples')}</span>
      <label data-series="strange"><select aria-label=${t('gallery.strange.name')} .value=${kind}
        @change=${(/** @type {{target: any}} */ { target }) => choose(target.value)}>
        ${(whole ? ['noise', 'shuffled'] : [...KINDS, 'files']).map((name) => html`<option value=${name} ?selected=${name === kind}>${t(`gallery.strange.${name}`)}</option>`)}
      </select></label>
      ${area === null ? nothing : html`<span class="gallery-area" title=${t('gallery.about.area')}>${t('gallery.area', { area: text(area) })}</span>`}
    </div>
    <svg viewBox=${`0 0 ${HISTOGRAM[0]} ${HISTOGRAM[1]}`} preserveAspectRatio="none" role="img" aria-label=${t('gallery.energies')}>
      ${['heldOut', 'samples', 'strange'].map(
        (name, i) => svg`<path data-series=${name} d=${outline(shares[i], most, HISTOGRAM[0], HISTOGRAM[1])} />`,
      )}
    </svg>
    <p class="gallery-ends"><span>${lowest}</span><span>${t('gallery.energies')}</span><span>${highest}</span></p>`;
}
