//! `cargo xtask serve`: builds the site and serves it on this machine.

use crate::arguments::Arguments;
use crate::process::Show;
use crate::{server, site, workspace};
use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

const PORT: u16 = 8080;

/// Builds, serves, and with `--open` opens the page, until it is interrupted.
pub fn command(mut arguments: Arguments) -> Result<()> {
    let open = arguments.flag("--open");
    let port =
        match arguments.value("--port")? {
            None => PORT,
            Some(text) => text.parse::<u16>().ok().filter(|p| *p > 0).with_context(|| {
                format!("--port: {text:?} is not accepted; expected a whole number from 1 to 65535.")
            })?,
        };
    arguments.finish()?;
    // Known before the build, which takes a while, rather than after it.
    refuse_taken(port)?;
    site::build(Show::Live)?;
    let listening = server::serve(&workspace::root().join("www/dist"), port)
        .with_context(|| format!("port {port} cannot be listened on"))?;
    let address = format!("http://127.0.0.1:{port}");
    println!("\nThe page is on {address} (Ctrl+C ends this)");
    if open {
        open_browser(&address);
    }
    listening.join().context("the server broke down")
}

fn refuse_taken(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == ErrorKind::AddrInUse => {
            bail!("Port {port} is taken by another program: end that, or choose another with --port.")
        }
        Err(e) if e.kind() == ErrorKind::PermissionDenied => {
            bail!("Port {port} is not allowed to this user: choose one above 1023 with --port.")
        }
        Err(e) => Err(e).with_context(|| format!("port {port} cannot be listened on")),
    }
}

/// A browser that does not open is no reason to stop serving: the address has been printed.
fn open_browser(address: &str) {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    if let Err(e) = command.arg(address).spawn() {
        println!("No browser could be opened ({e}); open {address} yourself.");
    }
}
