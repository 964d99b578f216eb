/** What panels with a map of points of some other space share: whose run their figures are of, and the map's canvas. */

import { Watched } from '../controls/watched.js';
import { PIXELS } from '../images/sheet.js';
import { readPalette } from './palette.js';

/** @typedef {{values: Float32Array, labels?: ArrayLike<number>, all?: Float32Array}} Points Of images `all` of them, of which the map may show the first. */

/** Colours of ten classes: Okabe & Ito's without their yellow, which is too pale for letters, and three more. */
const CLASSES = [
  '#0072b2',
  '#c27c00',
  '#009e73',
  '#b85a90',
  '#3a9bd6',
  '#d55e00',
  '#7a7a7a',
  '#7b4fa3',
  '#8b5a2b',
  '#5a7d00',
];

export class MapPanel extends Watched {
  static properties = {
    run: { attribute: false },
    pictures: { attribute: false },
  };

  constructor() {
    super();
    /** Names what the figures are of: with another one they are none. */
    this.run = '';
    /** Whether points are images. */
    this.pictures = false;
    /** What the map is of. @type {Points | null} */
    this.points = null;
    /** Counts the times that they were others. */
    this.version = 0;
  }

  #observer = new ResizeObserver(() => this.requestUpdate());

  refused = (/** @type {unknown} */ error) => this.isConnected && this.store.refused(error);

  /** A pause that is short while nothing runs. @param {number} playing */
  wait = (playing) => () => (this.store.playing.peek() ? playing : 60);

  /** Hands on what is found of the run that it was asked of, and nothing, not even an error, of another. @template T @param {() => Promise<T>} ask @param {(found: T) => void} take */
  async ofRun(ask, take) {
    const { run } = this;
    const same = () => this.isConnected && run === this.run;
    if (run === '' || !same()) return;
    try {
      const found = await ask();
      if (same()) take(found);
    } catch (error) {
      if (same()) throw error;
    }
  }

  /** What the map is of: asked for once, and again where points are others. @param {() => Promise<Points>} ask @returns {Promise<Points>} */
  async known(ask) {
    if (this.points !== null) return this.points;
    const { run, version } = this;
    const found = await ask();
    if (run === this.run && version === this.version) this.points = found;
    return found;
  }

  /** Held-out points, those that are learned where there are no others. @param {number} most @returns {Promise<Points>} */
  async heldOut(most) {
    const { engine } = this.store;
    if (this.pictures) {
      const heldOut = await engine.images('held-out');
      const { pixels, labels } = heldOut.pixels.length > 0 ? heldOut : await engine.images('training');
      return { values: pixels.slice(0, most * PIXELS), labels: labels?.slice(0, most), all: pixels };
    }
    const points = await engine.heldOut();
    return { values: (points.length > 0 ? points : await engine.data()).slice(0, 2 * most) };
  }

  /** The weights are others. */
  look = () => {};

  /** The weights are others, of which something is measured. */
  judge = () => {};

  /** The points are others. */
  renew() {
    this.points = null;
    this.version += 1;
    this.look();
    this.judge();
  }

  /** What was found of another run. */
  forget() {
    this.points = null;
    this.version += 1;
  }

  /** @override @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (!changed.has('run')) return;
    this.forget();
    this.look();
    this.judge();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  /** @override */
  updated() {
    const map = /** @type {HTMLCanvasElement | null} */ (this.querySelector('.latent-map'));
    if (map === null) return;
    this.#observer.observe(map);
    const ratio = Math.min(2, devicePixelRatio);
    const [width, height] = [map.clientWidth, map.clientHeight];
    const context = map.getContext('2d');
    if (width === 0 || context === null) return;
    map.width = Math.round(width * ratio);
    map.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawMap(context, [width, height], readPalette(map));
  }

  /** @param {CanvasRenderingContext2D} _context @param {number[]} _box @param {import('./palette.js').Palette} _palette */
  drawMap(_context, _box, _palette) {}

  /** A point, as the letter of its class where it has one. @param {CanvasRenderingContext2D} context @param {number[]} place @param {number | undefined} label @param {import('./palette.js').Palette} palette */
  drawPoint(context, [x, y], label, palette) {
    context.fillStyle = label === undefined ? palette.data : CLASSES[label % CLASSES.length];
    if (label === undefined) {
      context.beginPath();
      context.arc(x, y, 1.8, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    context.font = `600 10px ${palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(String(label), x, y);
  }

  /** The place that the panel is about. @param {CanvasRenderingContext2D} context @param {number[]} place @param {import('./palette.js').Palette} palette */
  drawRing(context, [x, y], palette) {
    for (const [style, thick] of /** @type {[string, number][]} */ ([
      [palette.surface, 5],
      [palette.model, 2.5],
    ])) {
      context.strokeStyle = style;
      context.lineWidth = thick;
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}
