// The formulas of the manifest become MathML, with the colours of data and negatives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mathml } from '../../www/controls/tex.js';
import { coreManifest } from './manifest.mjs';

/** Without the rows that only group. @param {string} tex */
const bare = (tex) => mathml(tex).replace(/<\/?mrow>|<\/?math>/g, '');

for (const [tex, expected] of [
  [
    'E(x) = -1.5',
    '<mi>E</mi><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo><mo>=</mo><mo>−</mo><mn>1.5</mn>',
  ],
  ['\\sigma z', '<mi>σ</mi><mi>z</mi>'],
  ["x'", '<msup><mi>x</mi><mo>′</mo></msup>'],
  ['E_\\theta^2', '<msubsup><mi>E</mi><mi>θ</mi><mn>2</mn></msubsup>'],
  ['p_n', '<msub><mi>p</mi><mi>n</mi></msub>'],
  ['\\frac{a}{2c^2}', '<mfrac><mi>a</mi><mn>2</mn><msup><mi>c</mi><mn>2</mn></msup></mfrac>'],
  ['\\tfrac12', '<mfrac><mn>1</mn><mn>2</mn></mfrac>'],
  ['\\sqrt{2h}\\,z', '<msqrt><mn>2</mn><mi>h</mi></msqrt><mspace width="0.17em"></mspace><mi>z</mi>'],
  ['\\bigl|z\\bigr|', '<mo stretchy="false">|</mo><mi>z</mi><mo stretchy="false">|</mo>'],
  ['\\mathcal{L}', '<mi>ℒ</mi>'],
  ['\\mathrm{MLP}', '<mi mathvariant="normal">MLP</mi>'],
  ['\\text{ with probability }', '<mtext> with probability </mtext>'],
  ['\\log Z', '<mi>log</mi><mi>Z</mi>'],
  ['a < b', '<mi>a</mi><mo>&#60;</mo><mi>b</mi>'],
  ['\\text{<img>}', '<mtext>&#60;img&#62;</mtext>'],
]) {
  test(`${tex} is set`, () => assert.equal(bare(tex), expected));
}

test('what is of the data and what is of the negatives is marked, means as a whole', () => {
  assert.equal(bare('x^+'), '<msup class="of-data"><mi>x</mi><mo>+</mo></msup>');
  assert.match(bare('\\overline{E(x^-)}'), /^<mrow class="mean of-model"><mi>E/);
  assert.match(bare('\\overline{E(x^+) + E(x^-)}'), /^<mrow class="mean"><mi>E/);
  assert.doesNotMatch(bare('E^2'), /class/);
});

test('a command that is not known is an error, not a gap in a formula', () => {
  assert.throws(() => mathml('\\oint'), /\\oint is not a command/);
});

test('every formula that the core registers can be set', async () => {
  const { sections } = await coreManifest();
  const formulas = Object.values(sections).flatMap((parts) => [parts].flat().map((part) => part.formula ?? ''));
  assert.ok(formulas.filter((formula) => formula !== '').length > 4);
  for (const formula of formulas) assert.match(mathml(formula), /^<math><mrow>.*<\/mrow><\/math>$/);
});
