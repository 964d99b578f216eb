/** A map of the world: a field of signed values in two colours that meet at nothing, and points on it. */

import { html, nothing } from 'lit';
import { Watched } from '../controls/watched.js';
import { colourTable, cssGradient, tableOf } from '../views/colour.js';
import { makeHeatmap } from '../views/heatmap.js';
import { circle, diamond, drawMarkers } from '../views/markers.js';
import { readPalette } from '../views/palette.js';
import { markerRadius } from '../views/points.js';
import { makeSurface } from '../views/surface.js';
import { HOME, makeTransform } from '../views/transform.js';

/** @import {Theme} from '../views/colour.js' */
/** @import {Transform} from '../views/transform.js' */

/**
 * Values of cells, row by row from below; signed ones have their colours meet at 0, others are coloured as energies are.
 * @typedef {object} Grid
 * @property {Float32Array} values
 * @property {number} side
 * @property {[number, number]} range
 * @property {boolean} signed
 */

/** @typedef {{points: ArrayLike<number>, kind: 'data' | 'samples' | 'compared' | 'chosen'}} Marks */

/**
 * From nothing on: below 0 towards the blue of the data, above it towards the orange of the samples.
 * @type {Record<'below' | 'above', Record<Theme, [number, number, number][]>>}
 */
const SIGNED = {
  below: {
    light: [
      [0.985, 0.004, 250],
      [0.74, 0.08, 250],
      [0.48, 0.13, 255],
    ],
    dark: [
      [0.2, 0.01, 260],
      [0.46, 0.09, 255],
      [0.72, 0.13, 250],
    ],
  },
  above: {
    light: [
      [0.985, 0.004, 60],
      [0.8, 0.09, 60],
      [0.58, 0.15, 45],
    ],
    dark: [
      [0.2, 0.01, 60],
      [0.48, 0.09, 55],
      [0.76, 0.14, 60],
    ],
  },
};

/** @param {boolean} signed @param {Theme} theme */
function table(signed, theme) {
  if (!signed) return colourTable('energy', theme);
  const [below, above] = /** @type {const} */ (['below', 'above']).map((end) =>
    tableOf(`${end} ${theme}`, SIGNED[end][theme]),
  );
  return Uint32Array.from([...below.toReversed(), ...above]);
}

/** Centres of the cells of a square grid about the origin, [2 · side²], row by row from below. @param {number} side @param {number} [width] World units; all of the world. */
export function cells(side, width = HOME.span) {
  const at = (/** @type {number} */ i) => -width / 2 + (width * (i + 0.5)) / side;
  const out = new Float32Array(2 * side * side);
  for (let i = 0; i < side * side; i++) out.set([at(i % side), at(Math.floor(i / side))], 2 * i);
  return out;
}

/** Largest size among values. @param {ArrayLike<number>[]} all */
export function reach(...all) {
  let most = 0;
  for (const values of all) for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** World units that a key moves. */
const KEY_STEP = 0.25;

class WorldMap extends Watched {
  static properties = {
    grid: { attribute: false },
    marks: { attribute: false },
    path: { attribute: false },
    about: { attribute: false },
    pick: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {Marks[]} */
    this.marks = [];
    /** Points that a line runs through, [2n]. @type {ArrayLike<number>} */
    this.path = [];
    /** What it shows, in words. */
    this.about = '';
    /** Takes the world point that somebody points at. @type {((x: number, y: number) => void) | null} */
    this.pick = null;
    /** The place that the arrow keys have come to. */
    this.cursor = { x: 0, y: 0 };
    /** @type {{heat: ReturnType<typeof makeHeatmap>, over: ReturnType<typeof makeSurface>} | null} */
    this.canvases = null;
    /** What the canvas below shows. @type {{values: Float32Array | null, look: string}} */
    this.painted = { values: null, look: '' };
    /** @type {Transform | null} */
    this.transform = null;
    this.observer = new ResizeObserver(() => this.#draw());
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** @override */
  updated() {
    const element = /** @type {HTMLElement} */ (this.querySelector('.map'));
    if (this.canvases === null) {
      this.canvases = { heat: makeHeatmap(element), over: makeSurface(element, 'marks') };
      this.observer.observe(element);
    }
    this.#draw();
  }

  #draw() {
    const element = /** @type {HTMLElement} */ (this.querySelector('.map'));
    const { clientWidth: width, clientHeight: height } = element;
    if (this.canvases === null || width === 0 || height === 0) return;
    const { heat, over } = this.canvases;
    const transform = makeTransform(HOME, width, height);
    this.transform = transform;
    heat.show(this.grid !== null);
    if (this.grid !== null) this.#paint(heat, this.grid, transform);
    over.resize(width, height);
    const palette = readPalette(element);
    const { ctx } = over;
    for (const { points, kind } of this.marks) {
      const radius = markerRadius(points.length / 2, 3.2, transform);
      const look = {
        data: { shape: circle, radius, fill: palette.data, halo: palette.surface },
        samples: { shape: diamond, radius, fill: palette.model, halo: palette.surface },
        compared: { shape: diamond, radius, fill: palette.surface, stroke: palette.model },
        chosen: { shape: circle, radius: 8, stroke: palette.ink, width: 2 },
      }[kind];
      drawMarkers(ctx, transform, points, look);
    }
    ctx.beginPath();
    for (let i = 0; i < this.path.length; i += 2) ctx.lineTo(transform.x(this.path[i]), transform.y(this.path[i + 1]));
    ctx.strokeStyle = palette.ink;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }

  /** The points may move over a field that stays as it is. @param {ReturnType<typeof makeHeatmap>} heat @param {Grid} grid @param {Transform} transform */
  #paint(heat, { values, side, range, signed }, transform) {
    const half = HOME.span / 2;
    const landscape = {
      columns: side,
      rows: side,
      extent: /** @type {[number, number, number, number]} */ ([-half, half, -half, half]),
      energy: values,
      minimum: range[0],
      maximum: range[1],
      logZ: 0,
    };
    const theme = this.store.theme.value;
    const look = `${range} ${theme}`;
    if (values !== this.painted.values || look !== this.painted.look) {
      heat.paint(landscape, { quantity: 'energy', range, table: table(signed, theme), step: 0, levels: [] });
      this.painted = { values, look };
    }
    heat.place(landscape, transform);
  }

  /** The arrow keys pick places one after the other. @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step === undefined || this.pick === null) return;
    event.preventDefault();
    event.stopPropagation();
    const half = HOME.span / 2;
    const moved = (/** @type {number} */ from, /** @type {number} */ by) =>
      Math.min(half, Math.max(-half, from + by * KEY_STEP));
    this.cursor = { x: moved(this.cursor.x, step[0]), y: moved(this.cursor.y, step[1]) };
    this.pick(this.cursor.x, this.cursor.y);
  }

  /** @override */
  render() {
    // Read here, drawn with behind: a new theme asks for both.
    this.store.theme.value;
    return html`<div class="map" role=${this.pick ? 'group' : 'img'} aria-label=${this.about} ?data-pick=${this.pick !== null}
      tabindex=${this.pick ? 0 : nothing} @keydown=${this.#key} @click=${(/** @type {MouseEvent} */ event) => {
        if (this.transform) this.pick?.(this.transform.worldX(event.offsetX), this.transform.worldY(event.offsetY));
      }}></div>`;
  }
}

customElements.define('ebm-map', WorldMap);

/**
 * What the colours of a signed map stand for.
 * @param {import('../state/store.js').Store} store
 * @param {number} most
 */
export function signedKey({ theme, measure }, most) {
  return html`<p class="map-key">
    <span>${measure(-most, 2)}</span>
    <i style=${`background: ${cssGradient(table(true, theme.value))}`}></i>
    <span>${measure(most, 2)}</span>
  </p>`;
}
