//! Command-line arguments: a command, flags, and options with a value. What nobody asked for is refused.

use anyhow::{Result, bail};

/// The arguments that have not been taken yet.
pub struct Arguments(Vec<String>);

impl Arguments {
    /// Those of this process.
    pub fn from_env() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// The first argument; `help` when there is none or help is asked for.
    pub fn command(&mut self) -> Result<String> {
        if self.0.iter().any(|a| a == "--help" || a == "-h") || self.0.is_empty() {
            return Ok("help".into());
        }
        Ok(self.0.remove(0))
    }

    /// Whether `name` is among the arguments.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|a| a != name);
        self.0.len() < before
    }

    /// The value of `name VALUE` or `name=VALUE`, once for each time that it is given.
    pub fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        while let Some(at) = self.0.iter().position(|a| a == name || a.starts_with(&format!("{name}="))) {
            let argument = self.0.remove(at);
            match argument.split_once('=') {
                Some((_, value)) => values.push(value.to_string()),
                None if at < self.0.len() && !self.0[at].starts_with("--") => values.push(self.0.remove(at)),
                None => bail!("{name} needs a value."),
            }
        }
        Ok(values)
    }

    /// The last value of `name`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        Ok(self.values(name)?.pop())
    }

    /// Refuses what is left.
    pub fn finish(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(first) => bail!("{first:?} is not understood; cargo xtask --help lists what is."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Arguments {
        Arguments(words.iter().map(|w| w.to_string()).collect())
    }

    #[test]
    fn options_take_their_value_in_both_spellings() {
        let mut arguments = of(&["serve", "--port", "9000", "--open", "--only=a", "--only", "b"]);
        assert_eq!(arguments.command().unwrap(), "serve");
        assert_eq!(arguments.value("--port").unwrap().as_deref(), Some("9000"));
        assert_eq!(arguments.values("--only").unwrap(), ["a", "b"]);
        assert!(arguments.flag("--open"));
        assert!(arguments.finish().is_ok());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(of(&["--prot", "1"]).finish().is_err());
        assert!(of(&["--port"]).value("--port").is_err());
        assert!(of(&["--port", "--open"]).value("--port").is_err());
    }
}
