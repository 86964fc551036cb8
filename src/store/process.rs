//! Whether the process that owns a row still lives. Its lease says so for 60 s; a process of this
//! machine can be asked sooner.

use std::fs;

/// Names a process so that its number can't be taken for another's: boot, pid namespace, pid, start.
/// Empty where the system doesn't tell (no `/proc`): then only the lease speaks.
pub(super) fn this() -> String {
    let pid = std::process::id();
    match (here(), start_of(pid)) {
        (Some(here), Some((_, start))) => format!("{here} {pid} {start}"),
        _ => String::new(),
    }
}

/// True only on proof: same boot, same namespace, and no such process any more.
pub(super) fn is_dead(process: &str) -> bool {
    let mut parts = process.rsplitn(3, ' ');
    let (Some(start), Some(pid), Some(place)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if here().as_deref() != Some(place) {
        return false;
    }
    let Some(number) = pid.parse::<i32>().ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // Asked by signal 0 first: `/proc` may hide a live process that is not dumpable.
    if rustix::process::test_kill_process(number) == Err(rustix::io::Errno::SRCH) {
        return true;
    }
    match u32::try_from(number.as_raw_nonzero().get()).ok().and_then(start_of) {
        Some((state, now)) => now != start || state == "Z" || state == "X",
        None => false,
    }
}

/// The boot and pid namespace that a process number belongs to.
fn here() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), space.display()))
}

/// State letter and start time (clock ticks since boot) of a process.
fn start_of(pid: u32) -> Option<(String, String)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything, brackets and blanks too.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.to_owned();
    let start = fields.nth(18)?.to_owned();
    Some((state, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives() {
        assert!(!this().is_empty());
        assert!(!is_dead(&this()));
    }

    #[test]
    fn a_process_that_ended_is_dead() {
        let mut child =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let (_, start) = start_of(child.id()).unwrap();
        let name = format!("{} {} {start}", here().unwrap(), child.id());
        assert!(!is_dead(&name));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(is_dead(&name));
    }

    #[test]
    fn a_number_given_to_another_process_is_not_the_same() {
        let (place, _) = this().rsplit_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert!(is_dead(&format!("{place} 1")));
    }

    #[test]
    fn another_machine_proves_nothing() {
        assert!(!is_dead(""));
        assert!(!is_dead("other-boot pid:[1] 999999 5"));
    }
}
