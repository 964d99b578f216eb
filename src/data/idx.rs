//! IDX files (LeCun, Cortes & Burges, the MNIST database): two zeros, a type, a rank, one big-endian size for each axis, then
//! the bytes. Images are [n, 28, 28] and labels [n]; either may be gzipped (RFC 1952). What is read is no larger than what the
//! header announces, whatever a file unpacks to.

use crate::error::{Error, Result};
use flate2::read::MultiGzDecoder;
use std::io::{ErrorKind, Read};

/// Side of an image.
pub const SIDE: usize = 28;
/// Classes of the labels: 0 to 9.
pub const CLASSES: u8 = 10;
/// Images that a file may hold: more than EMNIST's digits, less than a browser's tab can hold.
pub const MOST: usize = 300_000;

/// Type of unsigned bytes.
const BYTES: u8 = 0x08;
/// How a gzipped file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Images with or without classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// [n, 28, 28], 0 is background.
    pub pixels: Vec<u8>,
    /// [n], where they are known.
    pub labels: Option<Vec<u8>>,
}

impl Images {
    /// Reads a file of images and, if there is one, that of their labels.
    pub fn read(images: &[u8], labels: Option<&[u8]>) -> Result<Self> {
        let pixels = unpack("images", images, read_images)?;
        let labels = labels.map(|bytes| unpack("labels", bytes, read_labels)).transpose()?;
        let n = pixels.len() / (SIDE * SIDE);
        match &labels {
            Some(labels) if labels.len() != n => {
                let problem = format!("{} labels for {n} images", labels.len());
                Err(Error::format("labels", problem, "one label for each image"))
            }
            _ => Ok(Self { pixels, labels }),
        }
    }

    /// Keeps the first ones.
    pub fn truncate(&mut self, count: usize) {
        self.pixels.truncate(count * SIDE * SIDE);
        if let Some(labels) = &mut self.labels {
            labels.truncate(count);
        }
        // A browser's memory never shrinks: what is not used should at least be used again.
        self.pixels.shrink_to_fit();
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / (SIDE * SIDE)
    }

    /// Whether there are none; what [`Self::read`] makes has some.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }
}

/// A file's stream, unpacked where it is packed.
fn unpack(what: &str, bytes: &[u8], read: fn(&mut Stream) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    if bytes.starts_with(&GZIP) {
        read(&mut Stream { what, source: &mut MultiGzDecoder::new(bytes), gzipped: true })
    } else {
        read(&mut Stream { what, source: &mut &bytes[..], gzipped: false })
    }
}

struct Stream<'a> {
    what: &'a str,
    source: &'a mut dyn Read,
    gzipped: bool,
}

impl Stream<'_> {
    fn refused<T>(&self, problem: impl ToString, expected: &str) -> Result<T> {
        Err(Error::format(self.what, problem, expected))
    }

    /// Up to `count` bytes: fewer where the file ends.
    fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![];
        match (&mut *self.source).take(count as u64).read_to_end(&mut bytes) {
            Ok(_) => {
                // What stays has no room to spare; a browser's memory never shrinks.
                bytes.shrink_to_fit();
                Ok(bytes)
            }
            Err(e) if e.kind() == ErrorKind::OutOfMemory => self.refused("more than memory holds", "fewer images"),
            Err(_) if self.gzipped => self.refused("a gzipped file that is damaged or cut off", "a whole one"),
            Err(e) => self.refused(e, "a file that can be read"),
        }
    }

    /// The sizes of the axes after a header of this rank.
    fn sizes(&mut self, rank: u8) -> Result<Vec<usize>> {
        let begin = self.take(4)?;
        let other = if rank == 3 { "labels" } else { "images" };
        let sizes = if rank == 1 { "one size" } else { "three sizes" };
        let expected = format!("an IDX file of unsigned bytes with {sizes}, gzipped or not");
        match begin[..] {
            [] => return self.refused("an empty file", &expected),
            [0, 0, BYTES, found] if found == rank => {}
            [0, 0, BYTES, 1 | 3] => return self.refused(format!("a file of {other}"), &expected),
            [0, 0, BYTES, found] => return self.refused(format!("a file with {found} sizes"), &expected),
            [0, 0, kind, _] => return self.refused(format!("numbers of type 0x{kind:02x}"), &expected),
            _ => return self.refused("no IDX file", &expected),
        }
        let header = self.take(4 * usize::from(rank))?;
        if header.len() < 4 * usize::from(rank) {
            return self.refused("a header that is cut off", &expected);
        }
        let size = |four: &[u8]| four.iter().fold(0, |n, &byte| n << 8 | usize::from(byte));
        let sizes: Vec<_> = header.chunks_exact(4).map(size).collect();
        if sizes[0] == 0 || sizes[0] > MOST {
            return self.refused(format!("{} {}", sizes[0], self.what), &format!("1 to {MOST}"));
        }
        Ok(sizes)
    }

    /// Exactly `count` bytes and then the end.
    fn rest(&mut self, count: usize) -> Result<Vec<u8>> {
        let bytes = self.take(count)?;
        let expected = format!("the {count} bytes that its header announces");
        if bytes.len() < count {
            return self.refused(format!("only {} bytes behind the header", bytes.len()), &expected);
        }
        // The end is read too: a gzipped file says there whether it is whole.
        if !self.take(1)?.is_empty() {
            return self.refused("more bytes than it should hold", &expected);
        }
        Ok(bytes)
    }
}

fn read_images(stream: &mut Stream) -> Result<Vec<u8>> {
    let sizes = stream.sizes(3)?;
    if sizes[1..] != [SIDE, SIDE] {
        return stream.refused(format!("images of {} × {}", sizes[1], sizes[2]), "28 × 28");
    }
    stream.rest(sizes[0] * SIDE * SIDE)
}

fn read_labels(stream: &mut Stream) -> Result<Vec<u8>> {
    let sizes = stream.sizes(1)?;
    let labels = stream.rest(sizes[0])?;
    match labels.iter().position(|&label| label >= CLASSES) {
        Some(at) => stream.refused(format!("label {} of image {}", labels[at], at + 1), "digits from 0 to 9"),
        None => Ok(labels),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    /// A file with this header and as many bytes of body.
    fn file(kind: u8, sizes: &[u32], body: usize) -> Vec<u8> {
        let mut bytes = vec![0, 0, kind, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend((0..body).map(|i| (i % 10) as u8));
        bytes
    }

    fn images(n: u32) -> Vec<u8> {
        file(BYTES, &[n, 28, 28], n as usize * 784)
    }

    fn labels(n: u32) -> Vec<u8> {
        file(BYTES, &[n], n as usize)
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn refusal(images: &[u8], labels: Option<&[u8]>) -> String {
        Images::read(images, labels).unwrap_err().to_string()
    }

    #[test]
    fn files_are_read_gzipped_or_not() {
        let plain = Images::read(&images(3), Some(&labels(3))).unwrap();
        assert_eq!((plain.len(), plain.labels.as_deref()), (3, Some(&[0, 1, 2][..])));
        assert_eq!(plain.pixels, images(3)[16..]);
        assert_eq!(Images::read(&gzipped(&images(3)), Some(&gzipped(&labels(3)))).unwrap(), plain);
        assert_eq!(Images::read(&images(2), None).unwrap().labels, None);
        // Of several members, as some programs pack.
        let members = [gzipped(&images(3)[..900]), gzipped(&images(3)[900..])].concat();
        assert_eq!(Images::read(&members, None).unwrap().pixels, plain.pixels);
    }

    #[test]
    fn each_damaged_file_is_refused_with_a_sentence_of_its_own() {
        let packed = gzipped(&images(4));
        let mut flipped = packed.clone();
        // The checksum of what it unpacks to.
        let checksum = flipped.len() - 8;
        flipped[checksum] ^= 1;
        // Sixteen megabytes of zeros behind what is announced as one image: a thousandth of them packed.
        let bomb = gzipped(&[&file(BYTES, &[1, 28, 28], 784)[..], &vec![0; 1 << 24]].concat());
        let mut letters = labels(4);
        letters[10] = 17;
        let sentences = [
            refusal(&[], None),
            refusal(b"P5 28 28 255 ", None),
            refusal(&images(4)[..9], None),
            refusal(&images(4)[..2000], None),
            refusal(&[&images(4)[..], &[0]].concat(), None),
            refusal(&labels(4), None),
            refusal(&file(0x0d, &[1, 28, 28], 4 * 784), None),
            refusal(&file(BYTES, &[2, 32, 32], 2 * 1024), None),
            refusal(&file(BYTES, &[u32::MAX, 28, 28], 784), None),
            refusal(&file(BYTES, &[0, 28, 28], 0), None),
            refusal(&packed[..packed.len() / 2], None),
            refusal(&flipped, None),
            refusal(&bomb, None),
            refusal(&[&packed[..], b"and more"].concat(), None),
            refusal(&[&packed[..], &packed[..]].concat(), None),
            refusal(&images(4), Some(&labels(5))),
            refusal(&images(4), Some(&letters)),
            refusal(&images(4), Some(&images(4))),
        ];
        let wanted = [
            "images: an empty file; expected an IDX file of unsigned bytes with three sizes, gzipped or not.",
            "images: no IDX file; expected an IDX file of unsigned bytes with three sizes, gzipped or not.",
            "images: a header that is cut off; expected an IDX file of unsigned bytes with three sizes, gzipped or not.",
            "images: only 1984 bytes behind the header; expected the 3136 bytes that its header announces.",
            "images: more bytes than it should hold; expected the 3136 bytes that its header announces.",
            "images: a file of labels; expected an IDX file of unsigned bytes with three sizes, gzipped or not.",
            "images: numbers of type 0x0d; expected an IDX file of unsigned bytes with three sizes, gzipped or not.",
            "images: images of 32 × 32; expected 28 × 28.",
            "images: 4294967295 images; expected 1 to 300000.",
            "images: 0 images; expected 1 to 300000.",
            "images: a gzipped file that is damaged or cut off; expected a whole one.",
            "images: a gzipped file that is damaged or cut off; expected a whole one.",
            "images: more bytes than it should hold; expected the 784 bytes that its header announces.",
            "images: a gzipped file that is damaged or cut off; expected a whole one.",
            "images: more bytes than it should hold; expected the 3136 bytes that its header announces.",
            "labels: 5 labels for 4 images; expected one label for each image.",
            "labels: label 17 of image 3; expected digits from 0 to 9.",
            "labels: a file of images; expected an IDX file of unsigned bytes with one size, gzipped or not.",
        ];
        for (sentence, wanted) in sentences.iter().zip(wanted) {
            assert_eq!(sentence, wanted);
        }
    }
}
