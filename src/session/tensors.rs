//! Named tensors outside the device: what a snapshot holds.

use std::ops::Index;

/// Tensors by name, which they are sorted by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensors(Vec<(String, Vec<f32>)>);

impl Tensors {
    /// Where the tensor is, or belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// Adds a tensor, in place of the one of this name if there is one.
    pub fn insert(&mut self, name: String, values: Vec<f32>) {
        match self.place(&name) {
            Ok(at) => self.0[at].1 = values,
            Err(at) => self.0.insert(at, (name, values)),
        }
    }

    /// Its values.
    pub fn get(&self, name: &str) -> Option<&Vec<f32>> {
        self.place(name).ok().map(|at| &self.0[at].1)
    }

    /// Takes a tensor out.
    pub fn remove(&mut self, name: &str) -> Option<Vec<f32>> {
        self.place(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Names and values.
    pub fn iter(&self) -> std::slice::Iter<'_, (String, Vec<f32>)> {
        self.0.iter()
    }
}

impl Index<&str> for Tensors {
    type Output = Vec<f32>;

    fn index(&self, name: &str) -> &Vec<f32> {
        self.get(name).unwrap_or_else(|| panic!("no tensor {name}"))
    }
}
