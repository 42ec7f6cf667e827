//! The counters of a network namespace: the files of /proc/net, opened once.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};

use framecat_core::watch::{CounterFiles, Counters};

/// The counters of the network namespace that the thread was in which opened them.
#[derive(Debug)]
pub(crate) struct CounterSource {
    netstat: Option<File>,
    snmp: Option<File>,
    snmp6: Option<File>,
    /// Room for the texts, kept from one reading to the next.
    texts: [Vec<u8>; 3],
}

impl CounterSource {
    /// Opens what there is of the files.
    pub(crate) fn open() -> CounterSource {
        // /proc/net is the namespace of the process's first thread, which may be another (setns(2)).
        let open = |name: &str| File::open(format!("/proc/thread-self/net/{name}")).ok();
        CounterSource {
            netstat: open("netstat"),
            snmp: open("snmp"),
            snmp6: open("snmp6"),
            texts: Default::default(),
        }
    }

    /// What has been counted by now, and the names of what cannot be known.
    pub(crate) fn read(&mut self) -> (Counters, Vec<&'static str>) {
        let [netstat, snmp, snmp6] = &mut self.texts;
        let files = CounterFiles {
            netstat: text(self.netstat.as_mut(), netstat),
            snmp: text(self.snmp.as_mut(), snmp),
            snmp6: text(self.snmp6.as_mut(), snmp6),
        };
        files.counters()
    }
}

fn text<'a>(file: Option<&mut File>, room: &'a mut Vec<u8>) -> Option<&'a str> {
    /// The longest of them has some 5 kB; it grows with the kernel's counters, not with what happens.
    const MOST: u64 = 1 << 20;
    let mut read = |file: &mut File| -> io::Result<()> {
        room.clear();
        // From its beginning, the kernel makes the text anew.
        file.rewind()?;
        file.take(MOST).read_to_end(room)?;
        Ok(())
    };
    read(file?).ok()?;
    std::str::from_utf8(room).ok()
}
