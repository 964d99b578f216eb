//! JSON as plain data: a strict reader (RFC 8259) that refuses an object naming a field twice, a writer, and [`json!`] to
//! write values down. Small on purpose: with a general serialisation library a copy of its machinery for every type would be
//! a tenth of what the page downloads. Its oracle in tests is serde_json.

use crate::number;
use crate::sorted::sorted;
use std::fmt::{self, Display, Formatter, Write};
use std::ops::{Index, IndexMut};

/// A JSON value. Numbers are f64, as in JavaScript, and finite.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// null.
    Null,
    /// true or false.
    Bool(bool),
    /// A number; whole ones are exact up to 2⁵³.
    Number(f64),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Named values.
    Object(Map),
}

/// Named values in the order in which they were put in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(Vec<(String, Value)>);

impl Map {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Sets a field, where it stands already or behind the others.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Sets every field of `other`.
    pub fn extend(&mut self, other: Map) {
        for (name, value) in other.0 {
            self.insert(name, value);
        }
    }

    /// Fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value {
    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        if let Value::Number(x) = self { Some(*x) } else { None }
    }

    /// The number, if it is a whole one that f64 counts exactly.
    pub fn as_i64(&self) -> Option<i64> {
        const EXACT: f64 = (1u64 << 53) as f64;
        self.as_f64().filter(|x| x.fract() == 0.0 && x.abs() <= EXACT).map(|x| x as i64)
    }

    /// The same, if it is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_i64().and_then(|x| u64::try_from(x).ok())
    }

    /// The switch, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(x) = self { Some(*x) } else { None }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(x) = self { Some(x) } else { None }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(x) = self { Some(x) } else { None }
    }

    /// The fields, if it is an object.
    pub fn as_object(&self) -> Option<&Map> {
        if let Value::Object(x) = self { Some(x) } else { None }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }
}

/// A field, or null where there is none.
impl Index<&str> for Map {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// A field, or null where there is none.
impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.as_object().map_or(&Value::Null, |fields| &fields[name])
    }
}

/// A field, put in as null where there is none, in an object that anything else becomes.
impl IndexMut<&str> for Value {
    fn index_mut(&mut self, name: &str) -> &mut Value {
        if !matches!(self, Value::Object(_)) {
            *self = Value::Object(Map::new());
        }
        let Value::Object(Map(fields)) = self else { unreachable!("made an object above") };
        let at = fields.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            fields.push((name.into(), Value::Null));
            fields.len() - 1
        });
        &mut fields[at].1
    }
}

macro_rules! from_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(x: $number) -> Self {
                let x = x as f64;
                // JSON has no other numbers.
                if x.is_finite() { Value::Number(x) } else { Value::Null }
            }
        }
    )*};
}
from_numbers!(f32, f64, i32, i64, u32, u64, usize);

impl From<bool> for Value {
    fn from(x: bool) -> Self {
        Value::Bool(x)
    }
}

impl From<&str> for Value {
    fn from(x: &str) -> Self {
        Value::String(x.into())
    }
}

impl From<String> for Value {
    fn from(x: String) -> Self {
        Value::String(x)
    }
}

impl From<Map> for Value {
    fn from(x: Map) -> Self {
        Value::Object(x)
    }
}

impl From<&Value> for Value {
    fn from(x: &Value) -> Self {
        x.clone()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(x: Option<T>) -> Self {
        x.map_or(Value::Null, T::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(x: Vec<T>) -> Self {
        Value::Array(x.into_iter().map(T::into).collect())
    }
}

impl<T: Into<Value> + Clone> From<&[T]> for Value {
    fn from(x: &[T]) -> Self {
        x.to_vec().into()
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(x: [T; N]) -> Self {
        Value::Array(x.into_iter().map(T::into).collect())
    }
}

/// A [`Value`] written as JSON, whose leaves are expressions: `json!({"id": id, "params": [1, null]})`. A key that is no
/// literal stands in parentheses.
#[macro_export]
macro_rules! json {
    (@object $object:ident) => {};
    (@object $object:ident $key:tt : null $(, $($rest:tt)*)?) => {
        $object.insert($key, $crate::json::Value::Null);
        $crate::json!(@object $object $($($rest)*)?);
    };
    (@object $object:ident $key:tt : {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $object.insert($key, $crate::json!({$($inner)*}));
        $crate::json!(@object $object $($($rest)*)?);
    };
    (@object $object:ident $key:tt : [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $object.insert($key, $crate::json!([$($inner)*]));
        $crate::json!(@object $object $($($rest)*)?);
    };
    (@object $object:ident $key:tt : $value:expr $(, $($rest:tt)*)?) => {
        $object.insert($key, $value);
        $crate::json!(@object $object $($($rest)*)?);
    };
    (@list $list:ident) => {};
    (@list $list:ident null $(, $($rest:tt)*)?) => {
        $list.push($crate::json::Value::Null);
        $crate::json!(@list $list $($($rest)*)?);
    };
    (@list $list:ident {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $list.push($crate::json!({$($inner)*}));
        $crate::json!(@list $list $($($rest)*)?);
    };
    (@list $list:ident [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $list.push($crate::json!([$($inner)*]));
        $crate::json!(@list $list $($($rest)*)?);
    };
    (@list $list:ident $value:expr $(, $($rest:tt)*)?) => {
        $list.push($crate::json::Value::from($value));
        $crate::json!(@list $list $($($rest)*)?);
    };
    (null) => { $crate::json::Value::Null };
    ({}) => { $crate::json::Value::Object($crate::json::Map::new()) };
    ([]) => { $crate::json::Value::Array(Vec::new()) };
    ({$($fields:tt)*}) => {{
        let mut object = $crate::json::Map::new();
        $crate::json!(@object object $($fields)*);
        $crate::json::Value::Object(object)
    }};
    ([$($items:tt)*]) => {{
        #[allow(clippy::vec_init_then_push)]
        let list = {
            let mut list = Vec::new();
            $crate::json!(@list list $($items)*);
            list
        };
        $crate::json::Value::Array(list)
    }};
    ($value:expr) => { $crate::json::Value::from($value) };
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(x) => f.write_str(if *x { "true" } else { "false" }),
            Value::Number(x) => f.write_str(&number::print(*x)),
            Value::String(x) => quote(x, f),
            Value::Array(list) => {
                f.write_char('[')?;
                for (i, value) in list.iter().enumerate() {
                    if i > 0 {
                        f.write_char(',')?;
                    }
                    value.fmt(f)?;
                }
                f.write_char(']')
            }
            Value::Object(Map(fields)) => {
                f.write_char('{')?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    if i > 0 {
                        f.write_char(',')?;
                    }
                    quote(name, f)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quote(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                f.write_char('\\')?;
                f.write_char(c)?;
            }
            '\n' => f.write_str("\\n")?,
            '\0'..' ' => write!(f, "\\u{:04x}", c as u32)?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// Lists and objects inside one another that a text may hold: a reader that calls itself needs an end.
const DEEPEST: usize = 128;

/// Reads a value. The error says what stands in the way, and where.
pub fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, depth: 0 };
    let value = reader.whole();
    value.map_err(|problem| {
        let before = &reader.bytes[..reader.at.min(reader.bytes.len())];
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|&&b| b != b'\n').count() + 1;
        format!("{problem} at line {line} column {column}")
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn whole(&mut self) -> Read<Value> {
        let value = self.value()?;
        self.space();
        if self.at < self.bytes.len() { Err("text behind the value".into()) } else { Ok(value) }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Goes past `byte`, if it is next.
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.takes(byte) { Ok(()) } else { Err(format!("no `{}`", byte as char)) }
    }

    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err("no value".into());
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self) -> Read<Value> {
        self.space();
        match self.peek() {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(open @ (b'[' | b'{')) => {
                if self.depth == DEEPEST {
                    return Err(format!("more than {DEEPEST} lists and objects inside one another"));
                }
                self.at += 1;
                self.depth += 1;
                let value = if open == b'[' { self.list() } else { self.object() };
                self.depth -= 1;
                value
            }
            _ => Err("no value".into()),
        }
    }

    /// Behind the opening bracket.
    fn list(&mut self) -> Read<Value> {
        let mut list = vec![];
        self.space();
        while !self.takes(b']') {
            if !list.is_empty() {
                self.expect(b',')?;
            }
            list.push(self.value()?);
            self.space();
        }
        Ok(Value::Array(list))
    }

    /// Behind the opening brace.
    fn object(&mut self) -> Read<Value> {
        let mut fields: Vec<(String, Value)> = vec![];
        self.space();
        while !self.takes(b'}') {
            if !fields.is_empty() {
                self.expect(b',')?;
                self.space();
            }
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            fields.push((name, self.value()?));
            self.space();
        }
        let name = |i: usize| fields[i].0.as_str();
        let order = sorted(fields.len(), &|a, b| name(a).cmp(name(b)));
        if let Some(pair) = order.windows(2).find(|pair| name(pair[0]) == name(pair[1])) {
            return Err(format!("the field {} stands there twice", name(pair[0])));
        }
        Ok(Value::Object(Map(fields)))
    }

    fn string(&mut self) -> Read<String> {
        self.expect(b'"')?;
        let mut text = vec![];
        loop {
            let byte = self.peek().ok_or("a string without an end")?;
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    let c = self.escaped()?;
                    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..b' ' => return Err("a control character in a string".into()),
                _ => text.push(byte),
            }
        }
        String::from_utf8(text).map_err(|_| "a string that is no UTF-8".into())
    }

    /// Behind a backslash.
    fn escaped(&mut self) -> Read<char> {
        let byte = self.peek().ok_or("a string without an end")?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                let code = match unit {
                    // The first half of a pair (RFC 8259, section 7).
                    0xd800..0xdc00 => {
                        self.expect(b'\\')?;
                        self.expect(b'u')?;
                        let low = self.unit()?.wrapping_sub(0xdc00);
                        if low < 0x400 { 0x1_0000 + ((unit - 0xd800) << 10) + low } else { unit }
                    }
                    _ => unit,
                };
                char::from_u32(code).ok_or("half of a surrogate pair")?
            }
            _ => return Err("an unknown escape".into()),
        })
    }

    fn unit(&mut self) -> Read<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| (b as char).to_digit(16)).ok_or("no four hexadecimal digits")?;
            self.at += 1;
            unit = 16 * unit + digit;
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Read<()> {
        let first = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == first { Err("a number without a digit".into()) } else { Ok(()) }
    }

    fn number(&mut self) -> Read<f64> {
        let first = self.at;
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits()?;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            if !self.takes(b'-') {
                self.takes(b'+');
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[first..self.at]).expect("digits, signs and an e");
        Some(number::read(text)).filter(|x| x.is_finite()).ok_or("a number out of range".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;
    use rand::{Rng, RngExt};

    /// A random document, at most `depth` deep.
    fn document(rng: &mut dyn Rng, depth: usize) -> serde_json::Value {
        let text = |rng: &mut dyn Rng| -> String {
            let alphabet = ['a', '"', '\\', '\n', '\u{1}', 'é', '語', '😀', '/', ' ', '\u{7f}'];
            (0..rng.random_range(0..6)).map(|_| alphabet[rng.random_range(0..alphabet.len())]).collect()
        };
        match rng.random_range(0..if depth == 0 { 5 } else { 7 }) {
            0 => serde_json::Value::Null,
            1 => rng.random::<bool>().into(),
            2 => rng.random_range(-(1i64 << 53)..1 << 53).into(),
            3 => ([1.0, -1.0][rng.random_range(0..2)] * 10f64.powf(rng.random_range(-3.0..9.0))).into(),
            4 => text(rng).into(),
            5 => (0..rng.random_range(0..4)).map(|_| document(rng, depth - 1)).collect(),
            _ => {
                let field = |rng: &mut dyn Rng| (text(rng), document(rng, depth - 1));
                serde_json::Value::Object((0..rng.random_range(0..4)).map(|_| field(rng)).collect())
            }
        }
    }

    /// The same document, in the other library's type.
    fn translated(value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(x) => (*x).into(),
            Value::Number(x) if x.fract() == 0.0 && x.abs() < 1e18 => (*x as i64).into(),
            Value::Number(x) => (*x).into(),
            Value::String(x) => x.as_str().into(),
            Value::Array(list) => list.iter().map(translated).collect(),
            Value::Object(map) => {
                serde_json::Value::Object(map.iter().map(|(name, v)| (name.into(), translated(v))).collect())
            }
        }
    }

    #[test]
    fn documents_mean_what_another_reader_says_in_both_directions() {
        let mut rng = rng::host(1);
        for _ in 0..5000 {
            let document = document(&mut rng, 4);
            for text in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
                let ours = parse(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
                assert_eq!(translated(&ours), document, "{text}");
                let written: serde_json::Value = serde_json::from_str(&ours.to_string()).unwrap();
                assert_eq!(translated(&parse(&written.to_string()).unwrap()), document, "{ours}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        let deep = "[".repeat(DEEPEST + 1);
        for (text, problem) in [
            ("", "no value at line 1 column 1"),
            ("{\"a\": 1,\n \"a\": 2}", "the field a stands there twice at line 2 column 9"),
            ("[1, 2", "no `,` at line 1 column 6"),
            ("[1,]", "no value at line 1 column 4"),
            ("{\"a\" 1}", "no `:` at line 1 column 6"),
            ("{a: 1}", "no `\"` at line 1 column 2"),
            ("01", "text behind the value at line 1 column 2"),
            ("1.", "a number without a digit at line 1 column 3"),
            ("-", "a number without a digit at line 1 column 2"),
            ("1e", "a number without a digit at line 1 column 3"),
            ("+1", "no value at line 1 column 1"),
            ("NaN", "no value at line 1 column 1"),
            ("nul", "no value at line 1 column 1"),
            ("1e400", "a number out of range at line 1 column 6"),
            ("\"\\x\"", "an unknown escape at line 1 column 4"),
            ("\"\\u12g4\"", "no four hexadecimal digits at line 1 column 6"),
            ("\"\\ud800\"", "no `\\` at line 1 column 8"),
            ("\"\\ud800\\u0041\"", "half of a surrogate pair at line 1 column 14"),
            ("\"\\udc00\"", "half of a surrogate pair at line 1 column 8"),
            ("\"a\nb\"", "a control character in a string at line 2 column 1"),
            ("\"a", "a string without an end at line 1 column 3"),
            ("\u{feff}1", "no value at line 1 column 1"),
            ("1\0", "text behind the value at line 1 column 2"),
            (&deep, "more than 128 lists and objects inside one another at line 1 column 129"),
        ] {
            assert_eq!(parse(text).unwrap_err(), problem, "{text:?}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err() || text.contains("\"a\": 2"), "{text:?}");
        }
    }

    #[test]
    fn no_cut_or_changed_text_panics() {
        let text = json!({"a": [1.5, null, true, "é\n\u{1}😀"], "b": {"c": -1e-7}}).to_string();
        let mut rng = rng::host(3);
        for end in 0..text.len() {
            let _ = text.get(..end).map(parse);
        }
        for _ in 0..5000 {
            let mut bytes = text.clone().into_bytes();
            let at = rng.random_range(0..bytes.len());
            bytes[at] = rng.random();
            let _ = std::str::from_utf8(&bytes).map(parse);
        }
    }

    #[test]
    fn numbers_that_json_lacks_are_null_and_fields_keep_their_order() {
        assert_eq!(json!([f64::NAN, f64::INFINITY, 0.5f32]).to_string(), "[null,null,0.5]");
        let mut map = Map::new();
        map.insert("z", 1);
        map.insert("a", 2);
        map.insert("z", 3);
        assert_eq!(Value::from(map).to_string(), "{\"z\":3,\"a\":2}");
    }
}
