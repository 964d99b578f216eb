//! Questions to models of latent variables, as JavaScript asks them.

use super::*;

#[wasm_bindgen]
impl Engine {
    /// μ and ln σ of the encoder's law of points [n · d], [n · 2 latent].
    pub fn encode(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.encode(&x.to_vec()).await?).into()) })
    }

    /// E[x | z] of latent variables [n · latent], [n · d].
    pub fn decode(&self, z: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.decode(&z.to_vec()).await?).into()) })
    }

    /// What the prior of latent variables [n · latent] is tilted by, [n].
    pub fn tilt(&self, z: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.tilt(&z.to_vec()).await?).into()) })
    }

    /// Chains of latent variables at their beginning and at the ends of so many pieces: {posterior, prior}, each {steps, places: [n · latent]
    /// of every moment}.
    #[wasm_bindgen(js_name = latentChains)]
    pub fn latent_chains(&self, x: Float32Array, pieces: usize, seed: u32) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let chains = take(&running)?.latent_chains(&x.to_vec(), pieces, seed.into()).await?;
            let told = |places: &[Vec<f32>], steps: usize| -> Thrown<Object> {
                let out = Object::new();
                set(&out, "steps", steps as f64)?;
                set(&out, "places", places.iter().map(|z| JsValue::from(array(z))).collect::<Array>())?;
                Ok(out)
            };
            let out = Object::new();
            set(&out, "posterior", told(&chains.posterior, chains.steps[0])?)?;
            set(&out, "prior", told(&chains.prior, chains.steps[1])?)?;
            Ok(out.into())
        })
    }

    /// The evidence lower bound of the first held-out points, no more than `most`: {elbo, reconstruction, divergence, standardError, importanceWeighted, logLikelihood,
    /// points, draws, update}. `pause` returns a promise that lets others have their turn.
    #[wasm_bindgen(js_name = lowerBound)]
    pub fn lower_bound(&self, draws: usize, seed: u32, most: usize, pause: js_sys::Function) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let found = take(&running)?.lower_bound(draws, seed.into(), most, &mut || breath(&pause)).await?;
            to_js(&found.to_json())
        })
    }
}
