// Bundles the page into dist/. `base: './'` keeps every address relative, so the site works from any host and sub-path.
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: {
    // What runs wasm simd128 (Safari 16.4 and later) also runs this level of the language.
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // Small files stay files: an inlined asset would be counted and cached with the script that names it.
    assetsInlineLimit: 0,
    // Says which chunks are loaded on demand: the size gate counts the others.
    manifest: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What the page's start shares with what comes later is one file: it compresses better than eight small ones.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /^(?!.*(measures|metric|uplot|examine|starts|latent|noise|overlay|paced|sheet|figures|images.files|map-panel|embedding|pairs|spread|ml-|any-array))/,
              minShareCount: 2,
              minSize: 0,
            },
          ],
        },
      },
    },
    // three.js is large and loaded on demand; `cargo xtask build` holds the rest to its budget.
    chunkSizeWarningLimit: 600,
  },
  worker: { format: 'es' },
});
