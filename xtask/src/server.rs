//! A static file server for one folder: what any static host does, on this machine.

use oxhttp::model::{Body, Method, Request, Response, StatusCode, header};
use oxhttp::{ListeningServer, Server};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Component, Path, PathBuf};

/// Serves `folder` on 127.0.0.1:`port`, from its own threads.
pub fn serve(folder: &Path, port: u16) -> std::io::Result<ListeningServer> {
    let folder = folder.canonicalize()?;
    Server::new(move |request| respond(&folder, request)).bind((Ipv4Addr::LOCALHOST, port)).spawn()
}

fn respond(folder: &Path, request: &Request<Body>) -> Response<Body> {
    let head = request.method() == Method::HEAD;
    if !head && request.method() != Method::GET {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are served here.\n");
    }
    let Some(file) = locate(folder, request.uri().path()) else {
        return plain(StatusCode::NOT_FOUND, "There is no such file here.\n");
    };
    let Ok(bytes) = fs::read(&file) else {
        return plain(StatusCode::NOT_FOUND, "There is no such file here.\n");
    };
    Response::builder()
        .header(header::CONTENT_TYPE, content_type(&file))
        .header(header::CACHE_CONTROL, caching(folder, &file))
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CONTENT_LENGTH, bytes.len())
        .body(if head { Body::empty() } else { Body::from(bytes) })
        .expect("constant header names and values of visible characters")
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(Body::from(text))
        .expect("constant headers")
}

/// The file that a URL path names: below `folder`, symbolic links resolved, a folder's index.html for the folder.
fn locate(folder: &Path, url: &str) -> Option<PathBuf> {
    let relative = decode(url.trim_start_matches('/'))?;
    let relative = Path::new(&relative);
    if !relative.components().all(|c| matches!(c, Component::Normal(_))) {
        return None;
    }
    let path = folder.join(relative);
    let path = if path.is_dir() { path.join("index.html") } else { path };
    let path = path.canonicalize().ok()?;
    (path.starts_with(folder) && path.is_file()).then_some(path)
}

/// Undoes percent encoding; None where that is malformed, or hides a separator or a NUL.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let decoded = u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?;
        if matches!(decoded, b'/' | b'\\' | 0) {
            return None;
        }
        bytes.push(decoded);
    }
    String::from_utf8(bytes).ok()
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        // Browsers compile WebAssembly while it streams in under this type alone.
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Files of assets/ carry a hash of their content in their names; all others may change under theirs.
fn caching(folder: &Path, file: &Path) -> &'static str {
    if file.starts_with(folder.join("assets")) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap()
    }

    fn ask(method: Method, path: &str) -> Response<Body> {
        let request = Request::builder().method(method).uri(format!("http://127.0.0.1{path}")).body(Body::empty());
        respond(&sources(), &request.unwrap())
    }

    #[test]
    fn files_come_with_their_type_and_length() {
        let response = ask(Method::GET, "/src/server.rs?query=1");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        let length = fs::metadata(sources().join("src/server.rs")).unwrap().len();
        assert_eq!(response.headers()[header::CONTENT_LENGTH], length.to_string().as_str());
        assert_eq!(response.into_body().to_vec().unwrap().len() as u64, length);
        assert_eq!(ask(Method::HEAD, "/Cargo.toml").into_body().len(), Some(0));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        assert!(sources().join("../Cargo.toml").is_file());
        for path in
            ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/src/../../Cargo.toml", "/..%2fCargo.toml", "/%5c", "/%zz", "/%"]
        {
            assert_eq!(ask(Method::GET, path).status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(ask(Method::GET, "/src").status(), StatusCode::NOT_FOUND);
        assert_eq!(ask(Method::POST, "/Cargo.toml").status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn names_may_be_percent_encoded() {
        assert_eq!(locate(&sources(), "/%43argo.toml"), Some(sources().join("Cargo.toml")));
    }

    #[test]
    fn wasm_streams_and_hashed_files_are_kept() {
        assert_eq!(content_type(Path::new("assets/ebm_bg-1.wasm")), "application/wasm");
        let folder = Path::new("/site");
        assert!(caching(folder, Path::new("/site/assets/a.js")).contains("immutable"));
        assert_eq!(caching(folder, Path::new("/site/index.html")), "no-cache");
    }
}
