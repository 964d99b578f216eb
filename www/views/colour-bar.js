/** The colour bar: what the colours of the landscape stand for, in numbers, with the value under the cursor marked. */

import { html, nothing } from 'lit';
import { cssGradient } from './colour.js';
import { multiples, niceStep, tickFormat } from './ticks.js';

/** @import {Store, Hover} from '../state/store.js' */
/** @import {ColourScale} from './scale.js' */

const QUANTITIES = /** @type {const} */ (['energy', 'density']);
/** Numbers beside the bar, about. */
const TICKS = 4;

/**
 * @param {Store} store
 * @param {ColourScale} scale
 * @param {Hover | null} hover
 */
export function colourBar(store, scale, hover) {
  const { t } = store;
  const { quantity, range, table } = scale;
  const locale = store.locale.value;
  const step = niceStep(range[1] - range[0], TICKS);
  const text = tickFormat(locale, step);
  const fixed = store.colour.value.range !== 'auto';
  const value = hover?.[quantity] ?? null;
  const lineText = tickFormat(locale, scale.step);
  return html`
    <div class="colour">
      <div class="segmented" role="group" aria-label=${t('legend.quantity')}>
        ${QUANTITIES.map(
          (name) =>
            html`<button type="button" aria-pressed=${String(quantity === name)} @click=${() => {
              store.colour.value = { quantity: name, range: 'auto' };
            }}>${t(`legend.${name}`)}</button>`,
        )}
      </div>
      <figure class="colour-bar" style=${`--heat: ${cssGradient(table)}`}>
        <div class="colour-strip">
          ${
            value === null
              ? nothing
              : html`<i class="colour-mark" style=${`inset-inline-start: ${100 * place(value, range)}%`}></i>`
          }
        </div>
        <div class="colour-ticks" aria-hidden="true">
          ${multiples(range[0], range[1], step).map((v) => {
            const at = place(v, range);
            // Numbers at the ends stay within the bar.
            const side = at < 0.04 ? 'at-start' : at > 0.96 ? 'at-end' : '';
            return html`<span class=${side} style=${`inset-inline-start: ${100 * at}%`}>${text(v)}</span>`;
          })}
        </div>
        <figcaption>
          ${t(`legend.unit.${quantity}`)}${
            store.layers.value.contours ? html`, ${t('legend.lines', { step: lineText(scale.step) })}` : nothing
          }
        </figcaption>
      </figure>
      <div class="segmented" role="group" aria-label=${t('legend.range')}>
        <button type="button" aria-pressed=${String(!fixed)} @click=${() => {
          store.colour.value = { quantity, range: 'auto' };
        }}>${t('legend.auto')}</button>
        <button type="button" aria-pressed=${String(fixed)} @click=${() => {
          store.colour.value = { quantity, range: rounded(range) };
        }}>${t('legend.fixed')}</button>
      </div>
      ${fixed ? html`<div class="colour-ends">${end(store, scale, 0)}<span>–</span>${end(store, scale, 1)}</div>` : nothing}
    </div>`;
}

/** A field for an end of the fixed range; what would turn the range around is not taken. @param {Store} store @param {ColourScale} scale @param {0 | 1} side */
function end(store, { quantity, range }, side) {
  return html`<input
    type="number"
    step="any"
    inputmode="decimal"
    aria-label=${store.t(side === 0 ? 'legend.from' : 'legend.to')}
    .value=${String(Number(range[side].toPrecision(4)))}
    @change=${(/** @type {Event & {target: HTMLInputElement}} */ event) => {
      const value = event.target.valueAsNumber;
      const next = /** @type {[number, number]} */ (side === 0 ? [value, range[1]] : [range[0], value]);
      if (next[0] < next[1]) store.colour.value = { quantity, range: next };
      else event.target.value = String(range[side]);
    }}
  />`;
}

/** Where a value lies on the bar, 0–1, held at the ends. @param {number} value @param {[number, number]} range */
export function place(value, [low, high]) {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** A range with ends of few digits, no narrower than before. @param {[number, number]} range @returns {[number, number]} */
export function rounded([low, high]) {
  const unit = niceStep(high - low, 20);
  return [Math.floor(low / unit) * unit, Math.ceil(high / unit) * unit];
}
