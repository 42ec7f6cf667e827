//! How an animal is started; those in C and Rust are compiled before, into the build directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::time::SystemTime;

use super::animal::{Animal, Language};

/// The folder of the zoo.
pub(super) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zoo");
    folder.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// The words of the command that starts it, without its arguments.
pub(super) fn command(animal: &Animal) -> Vec<String> {
    let source = folder().join(animal.file());
    let program = match animal.language {
        // -B: nothing is left in the source tree. -S: no search for installed packages.
        Language::Python => {
            return ["python3", "-B", "-S", word(&source)].map(str::to_owned).to_vec();
        }
        Language::C => compiled(animal, &source, |to| {
            let mut cc = Command::new("cc");
            cc.args(["-O1", "-pthread", "-o", word(to), word(&source)]);
            cc
        }),
        Language::Rust => compiled(animal, &source, |to| {
            let mut rustc = Command::new("rustc");
            rustc.args(["--edition", "2024", "-O", "-o", word(to), word(&source)]);
            rustc
        }),
    };
    vec![word(&program).to_owned()]
}

/// Compiles it, unless that is done already.
fn compiled(animal: &Animal, source: &Path, compiler: impl Fn(&Path) -> Command) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("zoo");
    fs::create_dir_all(&folder).expect("the build directory can be written");
    let program = folder.join(animal.name);
    let shared = source.with_file_name(animal.language.shared());
    if changed(&program) > changed(source).max(changed(&shared)) {
        return program;
    }
    // Under a name of its own, as another run of the tests may start the program in this moment.
    let fresh = folder.join(format!("{}.{}", animal.name, id()));
    let mut command = compiler(&fresh);
    let output = command.output().unwrap_or_else(|error| {
        panic!("this test needs to run {}: {error}", command.get_program().display())
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} does not compile:\n{said}", source.display());
    fs::rename(&fresh, &program).expect("the build directory can be written");
    program
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn word(path: &Path) -> &str {
    let word = path.to_str().filter(|path| !path.contains(char::is_whitespace));
    word.unwrap_or_else(|| panic!("{} cannot be a word of --start", path.display()))
}
