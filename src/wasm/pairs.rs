//! Questions to models of pairs, as JavaScript asks them.

use super::*;

#[wasm_bindgen]
impl Engine {
    /// Where the model puts points [n · d], [n · embedding].
    pub fn embed(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.embed(&x.to_vec()).await?).into()) })
    }

    /// A view of each point [n · d], [n · d].
    pub fn views(&self, x: Float32Array, seed: u32) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.views(&x.to_vec(), seed.into()).await?).into()) })
    }
}
