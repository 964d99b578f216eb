//! The one error type of the core. A message is a sentence for the person at the page: it names the place,
//! the value and what would be accepted.

/// Why a command was refused. Nothing has changed when one is returned.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A field of a config, a link or a command holds something that it cannot.
    #[error("{field}: {value} is not accepted; expected {expected}.")]
    Value {
        /// Where: a dotted path such as `sampler.stepSize`.
        field: String,
        /// What was found, as it was written.
        value: String,
        /// What would be accepted.
        expected: String,
    },
    /// A part that exists and that this build of the core leaves out.
    #[error("{field}: {id} is a part of the whole core alone.")]
    Elsewhere {
        /// Where: a dotted path such as `sampler.id`.
        field: String,
        /// The part.
        id: String,
    },
    /// A set of images that exists and that nobody has handed to this session.
    #[error("data.id: the images of {id} are not here yet; expected IDX files, opened or dropped on the page.")]
    Absent {
        /// The set.
        id: String,
    },
    /// A tensor operation met shapes that it cannot combine.
    #[error("{operation}: shapes {left:?} and {right:?} do not fit.")]
    Shape {
        /// The operation's name.
        operation: &'static str,
        /// First shape.
        left: Vec<usize>,
        /// Second shape.
        right: Vec<usize>,
    },
    /// A file or a stream of bytes is not what it claims to be.
    #[error("{what}: {problem}; expected {expected}.")]
    Format {
        /// Which file or block.
        what: String,
        /// What is wrong with it.
        problem: String,
        /// What would be accepted.
        expected: String,
    },
    /// The device is gone or refused the work.
    #[error("{0}")]
    Device(String),
}

impl Error {
    /// A [`Error::Value`] from anything printable.
    pub fn value(field: impl Into<String>, value: impl ToString, expected: impl Into<String>) -> Self {
        Self::Value { field: field.into(), value: value.to_string(), expected: expected.into() }
    }

    /// A [`Error::Format`].
    pub fn format(what: impl Into<String>, problem: impl ToString, expected: impl Into<String>) -> Self {
        Self::Format { what: what.into(), problem: problem.to_string(), expected: expected.into() }
    }
}

/// Shorthand for results of the core.
pub type Result<T> = std::result::Result<T, Error>;
