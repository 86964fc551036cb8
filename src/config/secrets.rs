//! Fetching a secret: from a file that only its owner may read, or from a command.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::process::{Pid, Signal};
use secrecy::SecretString;

use super::error::{At, CommandFailure, ConfigError};
use super::mask;
use crate::sanitize::Clean;

/// The longest a secret may be.
const BYTES_MAX: u64 = 4096;
/// How long a command may take, its questions to the user included.
const COMMAND_WAIT: Duration = Duration::from_secs(10);
/// How much of a command's complaint is shown.
const SAID_CHARS_MAX: usize = 200;

/// Where a secret is until it is needed.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Held(SecretString),
    File {
        at: At,
        file: PathBuf,
    },
    Command {
        at: At,
        argv: Vec<String>,
    },
    /// Not an error before it is needed: another profile may be the one in use.
    Nowhere {
        file: Option<PathBuf>,
        key: String,
        variable: String,
    },
}

impl Source {
    /// Fetches it, and has it masked in logs from now on.
    pub fn fetch(&self) -> Result<SecretString, ConfigError> {
        let secret = match self {
            Self::Held(secret) => Ok(secret.clone()),
            Self::File { at, file } => from_file(at, file),
            Self::Command { at, argv } => from_command(at, argv),
            Self::Nowhere { file, key, variable } => Err(ConfigError::MissingSecret {
                file: file.clone(),
                key: key.clone(),
                variable: variable.clone(),
            }),
        }?;
        mask::remember(&secret);
        Ok(secret)
    }
}

/// Refuses a file that others may read or write, or that someone else owns.
pub(super) fn refuse_exposed(file: &Path, about: &Metadata) -> Result<(), ConfigError> {
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(ConfigError::NotYours { file: file.to_owned() });
    }
    let mode = about.mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(ConfigError::Exposed { file: file.to_owned(), mode }) }
}

/// Refuses a configuration that others may write, or that someone else wrote: it says where secrets go.
pub(super) fn refuse_writable(file: &Path, about: &Metadata) -> Result<(), ConfigError> {
    let ours = [0, rustix::process::geteuid().as_raw()].contains(&about.uid());
    if !ours {
        return Err(ConfigError::NotYours { file: file.to_owned() });
    }
    let mode = about.mode() & 0o777;
    let written_by_others = mode & 0o022;
    if written_by_others == 0 { Ok(()) } else { Err(ConfigError::Writable { file: file.to_owned(), mode }) }
}

fn from_file(at: &At, file: &Path) -> Result<SecretString, ConfigError> {
    let unreadable = |cause| ConfigError::SecretFile { at: at.clone(), file: file.to_owned(), cause };
    // Without waiting: a named pipe would hold the start for ever.
    let nonblock = OFlags::NONBLOCK.bits().cast_signed();
    let opened = File::options().read(true).custom_flags(nonblock).open(file).map_err(unreadable)?;
    // Asked of the open file, so that it can't be another one by the time it is read.
    let about = opened.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    refuse_exposed(file, &about)?;
    let bytes = read_bounded(opened).map_err(unreadable)?;
    let shape = || ConfigError::SecretShape { at: at.clone(), file: file.to_owned() };
    one_line(bytes).map_err(|_| shape())
}

fn read_bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn one_line(bytes: Vec<u8>) -> Result<SecretString, CommandFailure> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > BYTES_MAX) {
        return Err(CommandFailure::TooLong);
    }
    let text = String::from_utf8(bytes).map_err(|_| CommandFailure::NotText)?;
    let line = text.trim();
    if line.is_empty() {
        return Err(CommandFailure::Empty);
    }
    // A second line would end up inside a header or a body.
    if line.chars().any(char::is_control) {
        return Err(CommandFailure::NotText);
    }
    Ok(SecretString::from(line))
}

fn from_command(at: &At, argv: &[String]) -> Result<SecretString, ConfigError> {
    let program = argv.first().cloned().unwrap_or_default();
    run(argv, COMMAND_WAIT).map_err(|why| ConfigError::SecretCommand {
        at: at.clone(),
        // Only the program: its arguments may say more than they should.
        program: Clean::new(&program).as_str().into(),
        why,
    })
}

/// What the threads beside a command tell.
enum Heard {
    Answer(Vec<u8>),
    Complaint(Vec<u8>),
    End(io::Result<ExitStatus>),
}

/// Runs a command without a shell and without a standard input, for at most `wait`.
fn run(argv: &[String], wait: Duration) -> Result<SecretString, CommandFailure> {
    let [program, arguments @ ..] = argv else {
        return Err(CommandFailure::Start("[]".to_owned()));
    };
    let mut command = Command::new(program);
    // Our variables may hold other secrets, and a child's environment is there for all to read.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"CUADRE_") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| CommandFailure::Start(cause.to_string()))?;
    let stdout = child.stdout.take().expect("its standard output was asked for");
    let stderr = child.stderr.take().expect("its standard error was asked for");
    let pid = Pid::from_child(&child);
    // A thread each: a command that fills one pipe must not wait for the other, and one that has said
    // all may still not end. They end with the command; a late one speaks to nobody.
    let (tell, hear) = mpsc::channel();
    let (tell_answer, tell_complaint) = (tell.clone(), tell.clone());
    std::thread::spawn(move || {
        tell_answer.send(Heard::Answer(read_bounded(stdout).unwrap_or_default())).ok()
    });
    std::thread::spawn(move || {
        tell_complaint.send(Heard::Complaint(read_bounded(stderr).unwrap_or_default())).ok()
    });
    std::thread::spawn(move || tell.send(Heard::End(child.wait())).ok());

    let (mut answer, mut complaint, mut status) = (None, None, None);
    let started = Instant::now();
    loop {
        match (&answer, &complaint, &status) {
            // Its complaints are of interest only when it failed.
            (Some(_), _, Some(Ok(ended))) if ExitStatus::success(ended) => break,
            (Some(_), Some(_), Some(_)) => break,
            _ => {}
        }
        match hear.recv_timeout(wait.saturating_sub(started.elapsed())) {
            Ok(Heard::Answer(bytes)) => answer = Some(bytes),
            Ok(Heard::Complaint(bytes)) => complaint = Some(bytes),
            Ok(Heard::End(ended)) => status = Some(ended),
            Err(_) => {
                if status.is_none() {
                    // It may have ended by itself meanwhile, which is as good.
                    rustix::process::kill_process(pid, Signal::KILL).ok();
                }
                return Err(CommandFailure::TooSlow);
            }
        }
    }
    let answer = one_line(answer.unwrap_or_default());
    if matches!(answer, Err(CommandFailure::TooLong)) {
        return answer;
    }
    match status {
        Some(Ok(ended)) if ended.success() => answer,
        Some(Ok(ended)) => {
            let complaint = complaint.unwrap_or_default();
            let complaint = String::from_utf8_lossy(&complaint);
            let last = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let said = Clean::new(last.trim()).as_str().chars().take(SAID_CHARS_MAX).collect();
            Err(CommandFailure::Failed { status: ended.to_string(), said })
        }
        Some(Err(cause)) => Err(CommandFailure::Start(cause.to_string())),
        None => Err(CommandFailure::TooSlow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn of(argv: &[&str]) -> Result<String, CommandFailure> {
        let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
        run(&argv, Duration::from_millis(500)).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_command_gives_its_one_line() {
        assert_eq!(of(&["printf", "s3cret\\n"]), Ok("s3cret".to_owned()));
        // No shell: the argument is an argument.
        assert_eq!(of(&["echo", "$HOME;ls"]), Ok("$HOME;ls".to_owned()));
    }

    #[test]
    fn a_command_that_gives_no_secret_says_why() {
        assert!(matches!(of(&["/no/such/program"]), Err(CommandFailure::Start(_))));
        assert!(matches!(of(&[]), Err(CommandFailure::Start(_))));
        assert_eq!(of(&["true"]), Err(CommandFailure::Empty));
        assert_eq!(of(&["printf", "a\\nb"]), Err(CommandFailure::NotText));
        assert_eq!(of(&["head", "-c", "5000", "/dev/zero"]), Err(CommandFailure::TooLong));
        assert_eq!(of(&["cat", "/dev/zero"]), Err(CommandFailure::TooLong));
        assert_eq!(of(&["sleep", "30"]), Err(CommandFailure::TooSlow));
        assert_eq!(of(&["sh", "-c", "echo key; exec >&-; sleep 30"]), Err(CommandFailure::TooSlow));
        let failed = of(&["sh", "-c", "echo first >&2; printf 'no \\033[31mkey\\n' >&2; exit 3"]);
        let Err(CommandFailure::Failed { status, said }) = failed else { panic!("{failed:?}") };
        assert_eq!((status.as_str(), said.as_str()), ("exit status: 3", "no \u{fffd}[31mkey"));
    }

    #[test]
    fn a_command_has_no_standard_input() {
        assert_eq!(of(&["cat"]), Err(CommandFailure::Empty));
    }
}
