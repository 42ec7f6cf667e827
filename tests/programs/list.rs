//! The programs: how each is started, what is said to it, and what its table row is called.

use std::sync::OnceLock;

use super::program::Version::{Debian, Framecat, Pinned, Python};
use super::program::{Checked, Program, Version};

/// What `check` says of the program of this name. It is run once, whichever tests ask for it.
#[track_caller]
pub(crate) fn checked(name: &str) -> &'static Checked {
    static CHECKED: [OnceLock<Checked>; PROGRAMS.len()] =
        [const { OnceLock::new() }; PROGRAMS.len()];
    let at = PROGRAMS.iter().position(|program| program.name == name);
    let at = at.unwrap_or_else(|| panic!("no program is called `{name}`"));
    CHECKED[at].get_or_init(|| PROGRAMS[at].check())
}

const fn named(name: &'static str, version: Version, start: &'static str) -> Program {
    Program { name, version, start, files: &[], cases: &[], args: &[] }
}

/// The cuts alone: these programs are here for what is on public record of them, and no more.
const CUTS: &[&str] = &["--plan", "split", "--plan", "drip"];

/// A configuration that holds the port is written anew each time the program is started.
const WITH_PORT: &[&str] = &["--shell"];

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        cases: &["redis", "redis-inline"],
        ..named(
            "redis",
            Debian("redis-server"),
            "redis-server --port {port} --bind 127.0.0.1 --save '' --appendonly no --dir '{place}'",
        )
    },
    Program {
        cases: &["memcached", "memcached-binary"],
        ..named("memcached", Debian("memcached"), "memcached -l 127.0.0.1 -p {port} -U 0 -u nobody")
    },
    Program {
        files: &[("nginx.in", NGINX), ("index.html", "<p>hello</p>\n")],
        cases: &["http", "http-chunked", "http-keep-alive"],
        args: WITH_PORT,
        ..named(
            "nginx",
            Debian("nginx-light"),
            "cd '{place}' && sed s/PORT/{port}/ nginx.in >nginx.conf && \
             exec nginx -p '{place}' -c '{place}/nginx.conf' -e stderr",
        )
    },
    Program {
        cases: &["dns-tcp"],
        ..named(
            "dnsmasq",
            Debian("dnsmasq-base"),
            "dnsmasq --keep-in-foreground --port={port} --listen-address=127.0.0.1 \
             --bind-interfaces --no-resolv --no-hosts --conf-file=/dev/null --user={me} --pid-file= \
             --address=/localhost/127.0.0.1 --address=/localhost/::1",
        )
    },
    Program { cases: &["mqtt"], ..named("mosquitto", Debian("mosquitto"), "mosquitto -p {port}") },
    Program {
        files: &[("dovecot.in", DOVECOT)],
        cases: &["imap"],
        args: WITH_PORT,
        ..named(
            "dovecot",
            Debian("dovecot-imapd"),
            "cd '{place}' && sed s/PORT/{port}/ dovecot.in >dovecot.conf && \
             exec dovecot -F -c '{place}/dovecot.conf'",
        )
    },
    Program {
        cases: &["socks5", "socks5-connect"],
        args: CUTS,
        ..named("microsocks", Debian("microsocks"), "microsocks -i 127.0.0.1 -p {port}")
    },
    Program {
        files: &[("LCDd.in", LCDD)],
        cases: &["lcdproc.toml"],
        // It lets one connection wait to be accepted, and looks eight times a second.
        args: &["--plan", "split", "--plan", "drip", "--jobs", "1", "--shell"],
        ..named(
            "LCDd",
            Debian("lcdproc"),
            "cd '{place}' && set -- /usr/lib/*/lcdproc/ && sed s:DRIVERS:$1: LCDd.in >LCDd.conf && \
             exec LCDd -f -c '{place}/LCDd.conf' -a 127.0.0.1 -p {port}",
        )
    },
    Program {
        files: &[("config.js", STATSD)],
        cases: &["statsd.toml"],
        args: CUTS,
        ..named(
            "statsd",
            Pinned("0.9.0"),
            "node '{npm}/statsd/stats.js' '{place}/config.js' {port} '{place}/metrics.sock'",
        )
    },
    Program {
        cases: &["t1.toml"],
        // Its connections of dead threads are closed when the next one is accepted: that would be
        // another end than the one that is asked for, or the same.
        args: &["--plan", "split", "--jobs", "1"],
        ..named("tutorial T1", Python, "python3 -B -S '{peers}/t1_server.py' 127.0.0.1:{port}")
    },
    Program {
        cases: &["t1.toml", "header-64"],
        ..named(
            "framecat as T1",
            Framecat,
            "'{framecat}' serve 127.0.0.1:{port} --frame header:64 --reply-frame raw \
             --service 'reply:Msg received' --end '!DISCONNECT'",
        )
    },
    Program {
        cases: &["asyncio.toml"],
        ..named("asyncio", Python, "python3 -B -S '{peers}/asyncio_lines.py' 127.0.0.1:{port}")
    },
];

const NGINX: &str = "\
daemon off;
worker_processes 1;
user {me};
pid nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server { listen 127.0.0.1:PORT; root '{place}'; }
}
";

/// One process for all connections, and no user that needs root.
const DOVECOT: &str = "\
base_dir = {place}/run
state_dir = {place}/run
log_path = /dev/stderr
protocols = imap
ssl = no
listen = 127.0.0.1
default_internal_user = {stranger}
default_internal_group = {strangers}
default_login_user = {stranger}
service imap-login {
  chroot =
  service_count = 0
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
passdb {
  driver = static
  args = nopassword
}
";

const LCDD: &str = "\
[server]
Driver=text
DriverPath=DRIVERS
Foreground=yes
ReportToSyslog=no
User={me}
[text]
Size=20x4
";

/// It takes its metrics at a Unix socket: a port that nobody asked for could be another's.
const STATSD: &str = r#"{
  servers: [{ server: "./servers/tcp", socket: process.argv[4] }],
  mgmt_address: "127.0.0.1",
  mgmt_port: Number(process.argv[3]),
  flushInterval: 3600000,
  backends: []
}
"#;
