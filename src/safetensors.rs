//! The safetensors format: the length of a header (8 bytes, little endian), the header (JSON: dtype, shape and place of
//! each tensor, and metadata), the tensors one behind the other. Reading is strict: tensors must cover the file exactly.
//! As with [`crate::json`], this is its own because of what the page would download; the safetensors crate is its oracle in
//! tests.

use crate::json;
use crate::json::{Map, Value};
use crate::sorted::sorted;

/// A tensor of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: String,
    /// Type of its elements, such as `F32`.
    pub dtype: String,
    /// Row-major.
    pub shape: Vec<usize>,
    /// Its elements, little endian.
    pub bytes: &'a [u8],
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct File<'a> {
    /// Free texts by name.
    pub metadata: Map,
    /// In the order of their places.
    pub tensors: Vec<Tensor<'a>>,
}

const METADATA: &str = "__metadata__";
/// Bytes of the header's length.
const LENGTH: usize = 8;
/// The first tensor begins at a multiple of this.
const ALIGNMENT: usize = 8;

/// Reads a file. The error says what is wrong with it.
pub fn read(bytes: &[u8]) -> Result<File<'_>, String> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        return Err(format!("{} bytes, too few for a header", bytes.len()));
    };
    let length = u64::from_le_bytes(*length);
    let Some((header, data)) = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)) else {
        return Err(format!("a header of {length} bytes in a file of {}", bytes.len()));
    };
    let header = std::str::from_utf8(header).map_err(|_| "a header that is no UTF-8")?;
    let header = json::parse(header).map_err(|e| format!("a header that is not JSON ({e})"))?;
    let fields = header.as_object().ok_or("a header that is no object")?;
    let mut file = File { metadata: Map::new(), tensors: vec![] };
    let mut places = vec![];
    for (name, field) in fields.iter() {
        if name == METADATA {
            let texts = field.as_object().filter(|texts| texts.iter().all(|(_, text)| text.as_str().is_some()));
            file.metadata = texts.ok_or("metadata that are no texts")?.clone();
        } else {
            places.push(place(name, field, data)?);
        }
    }
    let order = sorted(places.len(), &|a, b| places[a].0.cmp(&places[b].0));
    let mut covered = 0;
    for (start, tensor) in order.into_iter().map(|i| (places[i].0.0, places[i].1.clone())) {
        if start != covered {
            return Err(format!("{} begins at byte {start} of the data, not at {covered}", tensor.name));
        }
        covered += tensor.bytes.len();
        file.tensors.push(tensor);
    }
    if covered != data.len() {
        return Err(format!("{} bytes of data, of which tensors take {covered}", data.len()));
    }
    Ok(file)
}

/// A tensor, and where it begins in the data.
fn place<'a>(name: &str, field: &Value, data: &'a [u8]) -> Result<((usize, usize), Tensor<'a>), String> {
    let numbers = |name: &str| -> Option<Vec<usize>> {
        field[name].as_array()?.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok())).collect()
    };
    let dtype = field["dtype"].as_str().ok_or_else(|| format!("{name} has no dtype"))?;
    let shape = numbers("shape").ok_or_else(|| format!("{name} has no shape"))?;
    let offsets = numbers("data_offsets").unwrap_or_default();
    let &[start, end] = offsets.as_slice() else { return Err(format!("{name} has no data_offsets")) };
    let Some(bytes) = data.get(start..end) else {
        return Err(format!("{name} lies at bytes {start} to {end} of {} of data", data.len()));
    };
    if let Some(size) = size(dtype) {
        let length = shape.iter().try_fold(size, |length, &n| length.checked_mul(n));
        if length != Some(bytes.len()) {
            return Err(format!("{name} has {} bytes for a shape of {shape:?} in {dtype}", bytes.len()));
        }
    }
    Ok(((start, end), Tensor { name: name.into(), dtype: dtype.into(), shape, bytes }))
}

/// Bytes of an element; `None` for types that nobody here reads.
fn size(dtype: &str) -> Option<usize> {
    match dtype {
        "F32" => Some(4),
        "F16" => Some(2),
        _ => None,
    }
}

/// A file of f32 tensors (name, shape, values) in the order in which they come.
pub fn write(tensors: &[(&str, &[usize], &[f32])], metadata: Map) -> Vec<u8> {
    let mut header = Map::new();
    header.insert(METADATA, metadata);
    let mut end = 0;
    for &(name, shape, values) in tensors {
        let start = end;
        end += size_of_val(values);
        header.insert(name, json!({"dtype": "F32", "shape": shape, "data_offsets": [start, end]}));
    }
    let mut header = Value::from(header).to_string();
    let padded = (LENGTH + header.len()).next_multiple_of(ALIGNMENT) - LENGTH;
    header.extend(std::iter::repeat_n(' ', padded - header.len()));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    tensors.iter().for_each(|(.., values)| file.extend_from_slice(bytemuck::cast_slice(values)));
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
    use std::collections::HashMap;

    const VALUES: [f32; 6] = [1.0, -2.5, 3.0, f32::MIN_POSITIVE, 5e8, 0.0];

    fn sample() -> Vec<u8> {
        let mut metadata = Map::new();
        metadata.insert("format", "pt");
        write(&[("b", &[2, 3], &VALUES), ("a", &[], &VALUES[1..2]), ("none", &[0, 4], &[])], metadata)
    }

    #[test]
    fn what_is_written_is_read_by_another_reader() {
        let bytes = sample();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(file.len(), 3);
        let b = file.tensor("b").unwrap();
        assert_eq!((b.dtype(), b.shape(), b.data()), (Dtype::F32, &[2, 3][..], bytemuck::cast_slice(&VALUES)));
        assert_eq!(file.tensor("a").unwrap().data(), (-2.5f32).to_le_bytes());
        assert_eq!(file.tensor("none").unwrap().shape(), [0, 4]);
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(header.metadata().as_ref().unwrap()["format"], "pt");
        // Eight bytes of length, and a header that ends on a boundary.
        assert_eq!((bytes.len() - 4 * 7) % 8, 0);
    }

    #[test]
    fn what_another_writer_wrote_is_read() {
        let view = |shape: &[usize], n: usize| {
            TensorView::new(Dtype::F32, shape.to_vec(), &bytemuck::cast_slice(&VALUES)[..4 * n]).unwrap()
        };
        let half = TensorView::new(Dtype::F16, vec![2], &[0, 60, 0, 192]).unwrap();
        let metadata = HashMap::from([("note".to_string(), "a \"b\" \u{e9}".to_string())]);
        let tensors = [("x", view(&[3, 2], 6)), ("half", half), ("y", view(&[1], 1))];
        let bytes = serialize(tensors, Some(metadata)).unwrap();
        let file = read(&bytes).unwrap();
        assert_eq!(file.metadata.get("note").and_then(Value::as_str), Some("a \"b\" \u{e9}"));
        let found = |name: &str| file.tensors.iter().find(|t| t.name == name).unwrap();
        assert_eq!((found("x").shape.as_slice(), found("x").bytes), (&[3, 2][..], bytemuck::cast_slice(&VALUES)));
        assert_eq!((found("half").dtype.as_str(), found("half").bytes), ("F16", &[0, 60, 0, 192][..]));
        assert_eq!(read(&sample()).unwrap().tensors.len(), 3);
    }

    /// A file whose header is as given.
    fn with_header(header: &str, data: usize) -> Vec<u8> {
        [(header.len() as u64).to_le_bytes().as_slice(), header.as_bytes(), &vec![0; data]].concat()
    }

    #[test]
    fn a_file_that_is_none_is_refused_with_what_is_wrong() {
        let tensor = |shape: &str, offsets: &str| {
            format!(r#"{{"x":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
        };
        for (bytes, problem) in [
            (vec![1, 2, 3], "3 bytes, too few for a header"),
            (vec![255; 20], "a header of 18446744073709551615 bytes in a file of 20"),
            (with_header("[]", 0), "a header that is no object"),
            (with_header("{", 0), "a header that is not JSON (no `\"` at line 1 column 2)"),
            (with_header(r#"{"__metadata__":{"a":1}}"#, 0), "metadata that are no texts"),
            (with_header(r#"{"x":{}}"#, 0), "x has no dtype"),
            (with_header(&tensor("[-1]", "[0,4]"), 4), "x has no shape"),
            (with_header(&tensor("[1]", "[0]"), 4), "x has no data_offsets"),
            (with_header(&tensor("[1]", "[0,8]"), 4), "x lies at bytes 0 to 8 of 4 of data"),
            (with_header(&tensor("[1]", "[4,0]"), 4), "x lies at bytes 4 to 0 of 4 of data"),
            (with_header(&tensor("[3]", "[0,8]"), 8), "x has 8 bytes for a shape of [3] in F32"),
            (
                with_header(&tensor("[9007199254740992,9007199254740992]", "[0,8]"), 8),
                "x has 8 bytes for a shape of [9007199254740992, 9007199254740992] in F32",
            ),
            (with_header(&tensor("[1]", "[4,8]"), 8), "x begins at byte 4 of the data, not at 0"),
            (with_header(&tensor("[1]", "[0,4]"), 8), "8 bytes of data, of which tensors take 4"),
        ] {
            assert_eq!(read(&bytes).unwrap_err(), problem);
            assert!(SafeTensors::deserialize(&bytes).is_err(), "{problem}");
        }
    }

    #[test]
    fn no_cut_or_changed_file_panics() {
        let bytes = sample();
        (0..bytes.len()).for_each(|end| assert!(read(&bytes[..end]).is_err()));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let _ = read(&changed);
            }
        }
    }
}
