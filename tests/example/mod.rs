//! The examples as programs, and the pages that they must print.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An example, built if need be: `cargo test --test NAME` leaves that to us.
pub(crate) fn built(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().nth(2).expect("a test lies in TARGET/PROFILE/deps");
    let profile = folder.file_name().and_then(|name| name.to_str()).expect("a profile has a plain name");
    let profile = if profile == "debug" { "dev" } else { profile };
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(env!("CARGO_MANIFEST_DIR"));
    build.args(["build", "--quiet", "--example", example, "--profile", profile]);
    build.arg("--target-dir").arg(folder.parent().expect("a profile lies in the target folder"));
    assert!(build.status().expect("cargo starts").success(), "the example does not build");
    folder.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX))
}

/// That a page reads as before; with `JIEDUI_BLESS` set it is written first.
pub(crate) fn assert_golden(path: &Path, text: &str) -> io::Result<()> {
    if std::env::var_os("JIEDUI_BLESS").is_some() {
        fs::write(path, text)?;
    }
    assert_eq!(text, fs::read_to_string(path)?);
    Ok(())
}
