/**
 * The stage of an experiment on images: the chains as a sheet of images, one of them looked at closely, a film of their steps
 * that can be wound back and forth, and the energies of samples, held-out data and noise.
 */

import { batch, computed, effect, signal, untracked } from '@preact/signals-core';
import { html, nothing, render } from 'lit';
import './dialogs.css';
import './gallery.css';
import { icon } from '../controls/icons.js';
import { pixelsOf, random, startParticles } from '../state/starts.js';
import { numberFormat } from '../views/ticks.js';
import { lookAt } from './chain.js';
import { area, damaged, distance } from './damage.js';
import { energyCurve, energyHistogram } from './energy-charts.js';
import { openImages, pickAside, pickImages } from './files.js';
import { addFrame, emptyFilm, energiesOf, imagesAt } from './film.js';
import { paced } from './paced.js';
import './machine.js';
import '../views/latent-panel.js';
import '../views/latent-prior-panel.js';
import { runOf } from '../views/pairs-run.js';
import './pad.js';
import { formula, isPlain, plain } from './mixture.js';
import { makeReference, TAKEN } from './reference.js';
import './mixer.js';
import './plane-view.js';
import './repair.js';
import './set-control.js';
import { shareBars } from './share-bars.js';
import { imageAt, PIXELS, paint, signed } from './sheet.js';
import { hasWeights, loadWeights } from './weights.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Energies} from './energy-charts.js' */
/** @import {Film} from './film.js' */
/** @import {Look} from './chain.js' */
/** @import {Damage} from './repair.js' */

/** Images of a row of the sheet. */
const COLUMNS = 8;
/** Steps that a film records at a time. */
const STEPS = 100;
/** Milliseconds between two pictures of a film that plays, and in slow motion. */
const PICTURE = 60;
/** Milliseconds between two looks at the chain, and at the energies, while the clock runs. */
const LOOK = 700;
const ENERGIES = 3000;

/** @param {{stage: HTMLElement, store: Store}} options */
export function makeGallery({ stage, store }) {
  const element = document.createElement('div');
  element.id = 'gallery';
  const pad = /** @type {any} */ (document.createElement('ebm-pad'));
  const repair = /** @type {any} */ (document.createElement('ebm-repair'));
  const plane = /** @type {any} */ (document.createElement('ebm-plane'));
  stage.prepend(element);
  const mixer = /** @type {any} */ (document.createElement('ebm-mixer'));
  document.body.append(pad, repair, plane, mixer);
  const { engine } = store;
  const pixels = computed(() => pixelsOf(store.config.value));
  const what = () => ({ space: store.space.peek(), pixels: pixels.peek() });
  let reference = makeReference(engine, what);

  /** Which set, and which classes of it. */
  const images = computed(() => JSON.stringify(store.config.value?.data));
  /** What the model has inside. */
  const inside = computed(() => {
    const { manifest, config } = store;
    return manifest.value?.sections.model.find(({ id }) => id === config.value?.model.id)?.knows;
  });
  const machine = computed(() => inside.value === 'hidden');
  /** Latent variables of an image. */
  const latent = computed(() => (inside.value === 'latent' ? Number(store.config.value?.model.latent) : 0));
  /** What figures are of: other data, another model or another seed have others. */
  const run = computed(() => {
    const { data, model, seed } = store.config.value ?? {};
    return JSON.stringify([data, model, seed, store.brought.value]);
  });
  const chain = signal(0);
  const live = signal(/** @type {Float32Array} */ (new Float32Array(0)));
  const film = signal(/** @type {Film | null} */ (null));
  /** Picture of the film that is shown. */
  const at = signal(0);
  const recording = signal(false);
  /** Whether a new start is being made. */
  const starting = signal(false);
  const busy = computed(() => recording.value || starting.value);
  const rolling = signal(false);
  const look = signal(/** @type {Look | null} */ (null));
  const counts = signal(/** @type {number[] | null} */ (null));
  /** What strange images are. */
  const kind = signal('noise');
  /** Strange images that the visitor brought. @type {Float32Array | null} */
  let brought = null;
  const energies = signal(/** @type {Energies | null} */ (null));
  /** What the samples fill in. */
  const hidden = signal(/** @type {Damage | null} */ (null));
  /** Pixels that they keep. */
  const held = signal(0);
  /** What they follow of an energy that knows classes; empty where it knows none. */
  const mix = signal(/** @type {ArrayLike<number>} */ ([]));
  let disposed = false;
  /**
   * Where the film ended: the update, the samples, and the steps of the clock, null until a frame has told.
   * @type {{update: number, samples: Float32Array, steps: number | null}}
   */
  let ended = { update: 0, samples: new Float32Array(0), steps: null };

  const count = () => live.value.length / pixels.value;
  const shown = () => (film.value && film.value.frames.length > 0 ? imagesAt(film.value, at.value) : live.value);

  const refused = (/** @type {unknown} */ error) => disposed || store.refused(error);
  /** Whoever begins anew lets go of pixels too. */
  const lookWhatIsHeld = async () => {
    held.value = await engine.heldPixels();
    const filled = hidden.peek();
    if (filled && held.value !== pixels.peek() - area(filled.free)) hidden.value = null;
  };
  const inspect = paced(
    async () => {
      if (count() === 0 || disposed || recording.peek()) return;
      const where = {
        chain: chain.peek(),
        live: live.peek(),
        film: film.peek(),
        at: at.peek(),
        pixels: pixels.peek(),
        latent: latent.peek(),
      };
      const asked = run.peek();
      try {
        const found = await lookAt(engine, where);
        if (!disposed && asked === run.peek()) look.value = found;
      } catch (error) {
        // Of a model that has meanwhile given way to another, nobody wants to know.
        if (asked === run.peek()) throw error;
      }
    },
    () => (store.playing.peek() ? LOOK : 60),
    refused,
  );
  const measure = paced(
    async () => {
      // Images that somebody is about to pick are not there yet.
      const picking = kind.peek() === 'files' && brought === null;
      if (count() === 0 || disposed || recording.peek() || picking) return;
      counts.value ??= await engine.imageCounts();
      await lookWhatIsHeld();
      mix.value = await engine.mix();
      const samples = await engine.energy(live.peek());
      const found = { ...(await reference(kind.peek(), brought)), samples };
      if (!disposed) energies.value = found;
    },
    () => (store.playing.peek() ? ENERGIES : 200),
    refused,
  );

  /** Records the next steps of the chains behind what the film holds; a second call ends it. */
  async function record() {
    if (recording.value) {
      recording.value = false;
      return;
    }
    recording.value = true;
    rolling.value = false;
    try {
      await engine.pause();
      const roll = film.value ?? emptyFilm();
      at.value = Math.max(0, roll.frames.length - 1);
      const add = async () => {
        ended = { ...ended, samples: await engine.particles(), steps: null };
        addFrame(roll, ended.samples, await engine.energy(ended.samples));
        film.value = { ...roll };
        // Who has wound back goes on looking at that picture.
        if (at.value >= roll.frames.length - 2) at.value = roll.frames.length - 1;
      };
      if (roll.frames.length === 0) await add();
      for (let i = 0; i < STEPS && recording.peek() && !disposed; i++) {
        await engine.sample(1);
        await add();
      }
      ended = { ...ended, update: Number((await engine.metrics()).update) };
    } catch (error) {
      refused(error);
    }
    recording.value = false;
    inspect();
    measure();
  }

  /** Plays the film from where it is, or from its beginning where it is over. */
  function roll() {
    rolling.value = !rolling.value;
    const last = (film.value?.frames.length ?? 1) - 1;
    if (rolling.value && at.value >= last) at.value = 0;
    const turn = () => {
      if (!rolling.peek() || disposed) return;
      const end = (film.peek()?.frames.length ?? 1) - 1;
      if (at.peek() < end) at.value++;
      else rolling.value = false;
      inspect();
      setTimeout(turn, store.slow.peek() ? 8 * PICTURE : PICTURE);
    };
    turn();
  }

  /** @param {number} to */
  const wind = (to) => {
    rolling.value = false;
    at.value = to;
    inspect();
  };
  /** @param {number} to */
  const choose = (to) => {
    chain.value = Math.max(0, Math.min(count() - 1, to));
    inspect();
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (chain.value + step >= 0 && chain.value + step < count()) choose(chain.value + step);
  };
  /** @param {PointerEvent} event */
  const onPointer = (event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    choose(imageAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, COLUMNS, count()));
  };

  const chooseKind = async (/** @type {string} */ next) => {
    const before = kind.value;
    kind.value = next;
    try {
      const picked = next === 'files' ? await pickAside(store, TAKEN) : null;
      // Who picks none stays with what was there.
      if (next === 'files' && picked === null) kind.value = before;
      else brought = picked;
    } catch (error) {
      kind.value = before;
      store.refused(error);
    }
    measure();
  };
  /** @param {File[]} files */
  const take = (files) => openImages(store, files).catch(store.refused);
  /** The samples follow these classes. @param {ArrayLike<number>} weights */
  const follow = async (weights) => {
    await engine.mixClasses(Float32Array.from(weights));
    mix.value = weights;
  };
  /** The samples are free again. */
  const letGo = async () => {
    hidden.value = null;
    await engine.holdPixels(new Float32Array(pixels.peek()), new Float32Array(pixels.peek()).fill(1));
    held.value = 0;
  };
  /** Films from a new start on. @param {() => Promise<unknown>} start */
  const filmFrom = async (start) => {
    if (busy.peek()) return;
    starting.value = true;
    try {
      await engine.pause();
      await letGo();
      await start();
      film.value = null;
    } catch (error) {
      refused(error);
      return;
    } finally {
      starting.value = false;
    }
    if (!disposed) await record();
  };
  /** All samples go on from an image. @param {Float32Array} image */
  const begin = (image) => {
    const all = new Float32Array(count() * PIXELS);
    for (let first = 0; first < all.length; first += PIXELS) all.set(image, first);
    return filmFrom(() => engine.setParticles(all));
  };
  /** The samples fill in what is hidden of an image. @param {Damage} damage */
  const fill = (damage) =>
    filmFrom(async () => {
      const { image, free, share } = damage;
      // The same ones from the same seed at the same moment.
      const seed = Number(store.config.peek()?.seed ?? 0) * 7919 + Number(store.frame.peek()?.clock.steps ?? 0);
      const next = random(seed);
      const all = new Float32Array(count() * PIXELS);
      for (let first = 0; first < all.length; first += PIXELS) all.set(damaged(image, free, share, next), first);
      const { manifest, config } = store;
      const kernel = manifest.peek()?.sections.sampler.find(({ id }) => id === config.peek()?.sampler.id);
      // Draws that do not heed what is held fill nothing in.
      if (kernel?.conditions === false) await store.configure({ sampler: { id: 'metropolis-within-gibbs' } });
      await engine.holdPixels(image, free);
      await engine.setParticles(all);
      hidden.value = damage;
      await lookWhatIsHeld();
    });
  const pick = () => pickImages(store).catch(store.refused);
  element.addEventListener('dragover', (event) => event.preventDefault());
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  });

  const colours = () => {
    const style = getComputedStyle(element);
    const rgb = (/** @type {string} */ name) => {
      const hex = style.getPropertyValue(name).trim();
      const part = (/** @type {number} */ i) => Number.parseInt(hex.slice(i, i + 2), 16);
      return /** @type {import('./sheet.js').Rgb} */ ([part(1), part(3), part(5)]);
    };
    return { below: rgb('--data'), above: rgb('--model') };
  };

  /** @param {string} name @param {string} note */
  const tile = (name, note) => html`<figure title=${store.t(`gallery.about.${name}`)}>
    <canvas data-tile=${name} width="28" height="28" role="img" aria-label=${store.t(`gallery.${name}`)}></canvas>
    <figcaption>${store.t(`gallery.${name}`)}${note ? html`<span>${note}</span>` : nothing}</figcaption>
  </figure>`;

  const draw = () => {
    const { t, locale } = store;
    const text = numberFormat(locale.value);
    const n = count();
    const rows = Math.max(1, Math.ceil(n / COLUMNS));
    const pictures = film.value?.frames.length ?? 0;
    const samples = film.value?.energies[at.value];
    const spread = energies.value && { ...energies.value, ...(samples ? { samples } : {}) };
    const seen = look.value;
    const energy = seen === null ? '–' : text(seen.energy);
    const near = seen?.nearest;
    const far = near ? text(near.distance) : '';
    const found = near?.label === undefined ? far : `${near.label} · ${far}`;
    const filled = hidden.value;
    // What is drawn and hidden by hand is of the size of digits; patterns whose law is known in full have none held out.
    const large = pixels.value === PIXELS;
    const counted = counts.value && { training: store.count(counts.value[0]), heldOut: store.count(counts.value[1]) };
    const missed = filled && seen && distance(seen.image, filled.image, filled.free);
    const tilted = inside.value === 'latentEnergy';
    const paired = inside.value === 'pairs';
    element.toggleAttribute('data-latent', latent.value > 0 || tilted || paired);
    render(
      html`<div class="gallery-chains">
          <div class="gallery-sheet" ?data-small=${!large} tabindex="0" role="group" aria-label=${t('gallery.sheet', { n })} @keydown=${onKey} @pointerdown=${onPointer}
            style=${`--columns: ${COLUMNS}; --rows: ${rows}; --x: ${chain.value % COLUMNS}; --y: ${Math.floor(chain.value / COLUMNS)}`}>
            <canvas data-tile="sheet"></canvas>
            ${n > 0 ? html`<span class="gallery-chosen"></span>` : nothing}
          </div>
          <div class="gallery-film">
            <button type="button" class="plain" ?disabled=${starting.value} aria-pressed=${recording.value} title=${t('gallery.about.record')} @click=${record}>
              ${t(recording.value ? 'gallery.stop' : 'gallery.record', { n: STEPS })}</button>
            <button type="button" class="round small" aria-label=${t(rolling.value ? 'gallery.halt' : 'gallery.roll')}
              title=${t(rolling.value ? 'gallery.halt' : 'gallery.roll')} ?disabled=${pictures < 2 || recording.value} @click=${roll}>
              ${icon(rolling.value ? 'pause' : 'play')}</button>
            <input type="range" min="0" max=${Math.max(1, pictures - 1)} .value=${String(pictures > 1 ? at.value : 0)} ?disabled=${pictures < 2}
              style=${`--filled: ${pictures > 1 ? (100 * at.value) / (pictures - 1) : 0}%`}
              aria-label=${t('gallery.step')} @input=${(/** @type {{target: any}} */ { target }) => wind(Number(target.value))} />
            <output>${pictures > 0 ? `${at.value} / ${pictures - 1}` : '–'}</output>
          </div>
          ${mix.value.length > 0 && !isPlain(mix.value) ? html`<p class="gallery-held">${t('gallery.mixed', { formula: formula(mix.value, text) })}<button type="button" class="more" ?disabled=${busy.value} @click=${() => follow(plain(mix.value.length - 1)).catch(refused)}>${t('gallery.unmix')}</button></p>` : nothing}
          ${held.value > 0 ? html`<p class="gallery-held">${t('gallery.held', { held: held.value, all: pixels.value })}<button type="button" class="more" ?disabled=${busy.value} @click=${() => letGo().catch(refused)}>${t('gallery.letGo')}</button></p>` : nothing}
        </div>
        <div class="gallery-chain">
          <h3 aria-live="polite">${t('gallery.chain', { chain: chain.value + 1 })}<span>E = ${energy}</span></h3>
          <div class="gallery-tiles">
            ${tile('image', '')} ${tile('slope', '')} ${tile('noise', seen && !seen.noise ? '–' : '')}
            ${tile('change', seen && !seen.change ? '–' : '')} ${tile('nearest', found)}
            ${machine.value || latent.value > 0 ? tile('rebuilt', '') : nothing}
            ${filled ? tile('hidden', missed ? text(missed) : '') : nothing}
          </div>
          ${seen && seen.shares.length > 0 ? shareBars(seen.shares) : nothing}
          ${energyCurve(store, film.value === null ? [] : energiesOf(film.value, chain.value), at.value)}
        </div>
        ${latent.value > 0 ? html`<ebm-latent .store=${store} .run=${run.value} .pictures=${true}></ebm-latent>` : nothing}
        ${tilted ? html`<ebm-latent-prior .store=${store} .run=${run.value} .pictures=${true}></ebm-latent-prior>` : nothing}
        ${paired ? html`<ebm-pairs .store=${store} .run=${runOf(store)} .pictures=${true}></ebm-pairs>` : nothing}
        ${machine.value || !large ? html`<ebm-machine .store=${store} .run=${run.value} .units=${machine.value ? Number(store.config.value?.model.hidden) : 0} .pixels=${pixels.value} .colours=${colours} .on=${seen?.units.on ?? []}></ebm-machine>` : nothing}
        <div class="gallery-energies">${energyHistogram(store, spread, kind.value, chooseKind, !large)}
          <p class="gallery-note">${counted ? (large ? t('gallery.counts', counted) : t('gallery.patterns')) : ''}</p>
          <div class="gallery-tools">
            ${
              large
                ? html`<button type="button" class="more" title=${t('pad.about')} ?disabled=${busy.value} @click=${() => pad.open()}>${t('gallery.draw')}</button>
            ${tilted ? nothing : html`<button type="button" class="more" title=${t('repair.about')} ?disabled=${busy.value} @click=${() => repair.open()}>${t('gallery.repair')}</button>`}`
                : nothing
            }
            ${store.space.value === 'images' ? html`<button type="button" class="more" title=${t('plane.about')} ?disabled=${busy.value} @click=${() => plane.open()}>${t('gallery.plane')}</button>` : nothing}
            ${mix.value.length > 0 ? html`<button type="button" class="more" title=${t('mixer.about')} ?disabled=${busy.value} @click=${() => mixer.open(mix.value)}>${t('gallery.compose')}</button>` : nothing}
            ${large && hasWeights(store.config.value?.model.id) ? html`<button type="button" class="more" title=${t('gallery.about.weights')} ?disabled=${busy.value} @click=${() => filmFrom(() => loadWeights(store))}>${t('gallery.weights')}</button>` : nothing}
            <button type="button" class="more" title=${t('gallery.about.open')} ?disabled=${busy.value} @click=${pick}>${t('gallery.open')}</button></div>
        </div>`,
      element,
    );
  };

  Object.assign(repair, { store, fill });
  Object.assign(mixer, {
    store,
    follow: (/** @type {number[]} */ weights) =>
      filmFrom(async () => {
        await follow(weights);
        await startParticles(store, 'noise');
      }),
  });
  Object.assign(plane, { store, way: () => ({ film: film.peek(), at: at.peek(), chain: chain.peek() }) });
  Object.assign(pad, { store, begin, colours, heldOut: () => energies.peek()?.heldOut ?? [] });

  /** @param {string} name @returns {HTMLCanvasElement | null} */
  const canvas = (name) => element.querySelector(`canvas[data-tile="${name}"]`);
  /** Other data are there. */
  const renew = () => {
    reference = makeReference(engine, what);
    batch(() => {
      [counts.value, energies.value, look.value, film.value, hidden.value] = [null, null, null, null, null];
    });
    // A state from elsewhere may have come with its frame before its config.
    const frame = store.frame.peek();
    if (frame) update(frame);
    inspect();
    measure();
  };
  const lookInside = () => {
    for (const panel of /** @type {NodeListOf<any>} */ (
      element.querySelectorAll('ebm-machine, ebm-latent, ebm-latent-prior, ebm-pairs')
    )) {
      // One that is fetched is no panel yet.
      panel.look?.();
      panel.judge?.();
    }
  };
  const stops = [
    effect(draw),
    effect(() => {
      if (inside.value === 'pairs') import('../views/pairs-panel.js').catch(refused);
    }),
    // A film is of the run that it was taken of.
    effect(() => {
      run.value;
      untracked(() => {
        if (!recording.peek()) film.value = null;
        inspect();
        measure();
      });
    }),
    effect(() => {
      const withPanel = latent.value > 0 || ['latentEnergy', 'pairs'].includes(inside.value ?? '');
      if (machine.value || withPanel || pixels.value !== PIXELS) untracked(lookInside);
    }),
    effect(() => {
      store.brought.value;
      images.value;
      untracked(renew);
    }),
    effect(() => {
      const target = canvas('sheet');
      if (target) paint(target, shown(), COLUMNS, { side: Math.sqrt(pixels.value) });
    }),
    effect(() => {
      store.theme.value;
      const seen = look.value;
      if (seen === null) return;
      const { below, above } = colours();
      const { nearest, rebuilt } = seen;
      const side = Math.sqrt(seen.image.length);
      const images = { image: seen.image, nearest: nearest.image, rebuilt, hidden: hidden.value?.image };
      for (const [name, values] of Object.entries(images)) {
        const target = canvas(name);
        if (target && values) paint(target, values, 1, { side });
      }
      const changes = { slope: seen.slope, noise: seen.noise, change: seen.change };
      for (const [name, values] of Object.entries(changes)) {
        const target = canvas(name);
        const shade = signed(values ?? [], { below, above });
        if (target) paint(target, values ?? new Float32Array(side ** 2), 1, { shade, side });
      }
    }),
  ];

  /** @param {Frame} frame */
  function update(frame) {
    const { particles, clock } = frame;
    // Frames from before the images were others may come late.
    const expected = pixels.peek() * Number(store.config.peek()?.particles);
    if (!particles || particles.length !== expected || particles === live.peek()) return;
    if (film.peek() !== null && !recording.peek()) {
      // Frames from before its end may come late; those from behind it tell that the chains went on without being filmed.
      if (particles.every((x, i) => x === ended.samples[i])) ended.steps ??= clock.steps;
      if (clock.update > ended.update || clock.steps !== (ended.steps ?? clock.steps)) film.value = null;
    }
    live.value = particles;
    if (chain.peek() >= count()) chain.value = 0;
    inspect();
    measure();
    lookInside();
  }

  return {
    update,

    dispose() {
      disposed = true;
      for (const stop of stops) stop();
      element.remove();
      pad.remove();
      repair.remove();
      plane.remove();
      mixer.remove();
    },
  };
}
