//! Questions to machines of hidden units, as JavaScript asks them.

use super::*;
use crate::session::Units;

#[wasm_bindgen]
impl Engine {
    /// What hidden units say of images [n · 784]: {on [n · hidden], mean [n · 784]}, both empty where the model has none.
    pub fn units(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            let Units { on, mean } = match session.has_units() {
                true => session.units(&x.to_vec()).await?,
                false => Units::default(),
            };
            Ok(object(&[("on", on), ("mean", mean)])?.into())
        })
    }

    /// The weights of each hidden unit to the pixels, [hidden · 784]; none where the model has no such units.
    pub fn filters(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            Ok(array(&if session.has_units() { session.filters().await? } else { vec![] }).into())
        })
    }

    /// Mean pseudo-log-likelihood of the first held-out images, no more than `most`, in nats. `pause` as above.
    #[wasm_bindgen(js_name = pseudoLogLikelihood)]
    pub fn pseudo_log_likelihood(&self, most: usize, pause: js_sys::Function) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(take(&running)?.pseudo_log_likelihood(most, &mut || breath(&pause)).await?.into()) })
    }

    /// The exact likelihood: {logPartition, heldOut, entropy, mass}; null where there are too many states to count.
    #[wasm_bindgen(js_name = exactLikelihood)]
    pub fn exact_likelihood(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { to_js(&Value::from(take(&running)?.likelihood().await?.map(|found| found.to_json()))) })
    }

    /// log Z by annealed importance sampling: {estimate, standardError, lower, exact, chains, update, heldOut}. `pause` as above.
    #[wasm_bindgen(js_name = logPartition)]
    pub fn log_partition(&self, steps: usize, seed: u32, pause: js_sys::Function) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let found = take(&running)?.log_partition(steps, seed.into(), &mut || breath(&pause)).await?;
            to_js(&found.to_json())
        })
    }
}
