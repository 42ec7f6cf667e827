//! What a case file may say, and what is said to one that may not.

use proptest::prelude::*;

use super::*;
use crate::escape::is_harmless;

/// A disk with one file.
fn disk(path: &str) -> Result<Vec<u8>, String> {
    match path {
        "request.bin" => Ok(b"\0\x01\xff".to_vec()),
        _ => Err("there is no such file".into()),
    }
}

fn parse(text: &str) -> CaseFile {
    CaseFile::parse(text, &disk).unwrap()
}

#[track_caller]
fn refused(text: &str, error: &str) {
    match CaseFile::parse(text, &disk) {
        Ok(case) => panic!("{text}\nparses as {case:?}"),
        Err(found) => assert_eq!(found.to_string(), error, "{text}"),
    }
}

/// A case that is right but for these lines, which start at the second.
#[track_caller]
fn refused_with(lines: &str, error: &str) {
    refused(&format!("name = 'x'\n{lines}"), error);
}

#[test]
fn everything_that_can_be_said_is_read() {
    let case = parse(
        r#"
name = "redis: PING and ECHO"
about = "two inline commands"
port = 6379
start = "redis-server --port {port}"
frame = "crlf"
reply_frame = "raw"
max_message = 65536
greeting = '^220 '
before = [
    { send = "AUTH TOKEN123\r\n", until = '^\+OK\r\n' },
    { send_hex = "00 01 ff" },
    { send_file = "request.bin" },
]
send = "PING"
then_hex = "45 43 48 4f"
expect = "+PONG\r\n"
masks = ['id=[0-9]+']
token = "TOKEN123"
unordered = true
pipelining = false
plans = ["split", "chunks:3"]
"#,
    );
    let step = |send: &[u8], until: Option<&str>| Step {
        send: send.to_vec(),
        until: until.map(|until| until.parse().unwrap()),
    };
    let exchange = Exchange {
        name: Some("redis: PING and ECHO".into()),
        frame: Some(Framing::Crlf),
        reply_frame: Some(Framing::Raw),
        max_message: Some(65536),
        greeting: Some("^220 ".parse().unwrap()),
        before: vec![
            step(b"AUTH TOKEN123\r\n", Some(r"^\+OK\r\n")),
            step(b"\0\x01\xff", None),
            step(b"\0\x01\xff", None),
        ],
        messages: vec![b"PING".to_vec(), b"ECHO".to_vec()],
        expect: Some(Expect::Bytes(b"+PONG\r\n".to_vec())),
        masks: vec!["id=[0-9]+".parse().unwrap()],
        token: Some(b"TOKEN123".to_vec()),
        unordered: true,
        pipelining: false,
        plans: Some(vec![Plan::Split, Plan::Chunks(3)]),
    };
    let about = Some("two inline commands".into());
    let start = Some("redis-server --port {port}".into());
    assert_eq!(case, CaseFile { exchange, about, port: Some(6379), start });
}

#[test]
fn a_name_and_something_to_send_are_enough() {
    let case = parse("name = 'x'\nsend = \"PING\\r\\n\"");
    assert_eq!(
        case.exchange,
        Exchange {
            name: Some("x".into()),
            messages: vec![b"PING\r\n".to_vec()],
            ..Exchange::default()
        }
    );
    assert_eq!((case.about, case.port, case.start), (None, None, None));
}

#[test]
fn bytes_are_said_as_text_in_digits_or_by_a_file() {
    for (line, bytes) in [
        ("send = 'a\\r'", &b"a\\r"[..]),
        ("send = \"a\\r\\u00e9\"", b"a\r\xc3\xa9"),
        ("send_hex = ' 0 0 fF\t01'", b"\0\xff\x01"),
        ("send_hex = '''\n00\n01'''", b"\0\x01"),
        ("send_file = 'request.bin'", b"\0\x01\xff"),
    ] {
        assert_eq!(parse(&format!("name = 'x'\n{line}")).exchange.messages, [bytes], "{line}");
    }
    let expect = |line| parse(&format!("name = 'x'\nsend = 'a'\n{line}")).exchange.expect.unwrap();
    assert_eq!(expect("expect_hex = '00'"), Expect::Bytes(vec![0]));
    assert_eq!(expect("expect_regex = 'a+'"), Expect::Pattern("a+".parse().unwrap()));
}

#[test]
fn what_is_no_toml_is_refused_at_its_line() {
    refused_with("send = \"", "line 2: invalid basic string, expected `\"`");
    refused_with(
        "send = \"\\q\"",
        "line 2: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, \
         `U`",
    );
    refused_with("send = 'a'\nsend = 'b'", "line 3: duplicate key");
    refused_with("send 'a'", "line 2: key with no value, expected `=`");
}

#[test]
fn an_unknown_field_is_refused_with_those_that_are_known() {
    refused_with(
        "sned = 'a'",
        "line 2: unknown field `sned`: known are `name`, `about`, `port`, `start`, `frame`, \
         `reply_frame`, `max_message`, `greeting`, `before`, `send`, `send_hex`, `send_file`, \
         `then`, `then_hex`, `then_file`, `expect`, `expect_hex`, `expect_regex`, `masks`, \
          `token`, \
         `unordered`, `pipelining`, `plans`",
    );
    refused_with(
        "send = 'a'\nbefore = [\n  { send = 'a', untli = 'b' },\n]",
        "line 4: unknown field `untli`: known are `send`, `send_hex`, `send_file`, `until`",
    );
    refused("send = 'a'", "line 1: there is no field `name`");
}

#[test]
fn a_value_of_another_kind_is_refused() {
    refused_with("send = 1", "line 2: invalid type: integer `1`, expected a string");
    refused_with(
        "send = 'a'\nport = 65536",
        "line 3: invalid value: integer `65536`, expected u16",
    );
    refused_with("send = 'a'\nport = 0", "line 3: port: it is 1 to 65535");
    refused_with(
        "send = 'a'\nmasks = 'a'",
        "line 3: invalid type: string \"a\", expected a sequence",
    );
    refused_with(
        "send = 'a'\nplans = 'split'",
        "line 3: invalid type: string \"split\", expected a sequence",
    );
}

#[test]
fn exactly_one_way_of_saying_what_is_sent_is_right() {
    let nothing = "line 1: nothing is sent: send, send_hex or send_file is missing";
    refused_with("", nothing);
    refused_with("then = 'a'", nothing);
    let twice = "line 3: send_hex: `send` is there already: one is enough";
    refused_with("send = 'a'\nsend_hex = '00'", twice);
    let twice = "line 2: then_file: `then` is there already: one is enough";
    refused_with("then_file = 'a'\nthen = 'a'\nsend = 'a'", twice);
    let twice = "line 4: expect_regex: `expect` is there already: one is enough";
    refused_with("send = 'a'\nexpect = 'a'\nexpect_regex = 'a'", twice);
    let nothing =
        "line 3: before: it sends nothing: send, send_hex or send_file is missing or empty";
    refused_with("send = 'a'\nbefore = [{ until = 'a' }]", nothing);
    refused_with("send = 'a'\nbefore = [{ send = '' }]", nothing);
}

#[test]
fn an_empty_message_needs_a_framing() {
    let empty = "an empty message without a framing is nothing to send";
    refused_with("send = ''", &format!("line 2: send: {empty}"));
    refused_with("send = 'a'\nthen_hex = ''", &format!("line 3: then: {empty}"));
    assert_eq!(parse("name = 'x'\nframe = 'line'\nsend = ''").exchange.messages, [b""]);
}

#[test]
fn bad_digits_are_refused_with_their_place() {
    refused_with("send_hex = '00 0g'", "line 2: send_hex: `g` at character 5 is not hexadecimal");
    refused_with("send_hex = '0x00'", "line 2: send_hex: `x` at character 2 is not hexadecimal");
    refused_with(
        "send_hex = \"\\e\"",
        "line 2: send_hex: `\\x1b` at character 1 is not hexadecimal",
    );
    refused_with(
        "send = 'a'\nexpect_hex = '00 0'",
        "line 3: expect_hex: a byte is two digits, and the last has only one",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    refused_with("send_file = 'no.bin'", "line 2: send_file: `no.bin`: there is no such file");
}

#[test]
fn a_pattern_that_does_not_compile_is_refused_with_the_place() {
    for field in ["greeting", "expect_regex"] {
        refused_with(
            &format!("send = 'a'\n{field} = 'a(b'"),
            &format!(
                "line 3: {field}: `a(b` is not a regular expression: unclosed group, at character 2"
            ),
        );
    }
    refused_with(
        "send = 'a'\nmasks = [\n  'a',\n  '*',\n]",
        "line 5: masks: `*` is not a regular expression: repetition operator missing \
         expression, at \
         character 1",
    );
    refused_with(
        "send = 'a'\nbefore = [{ send = 'a', until = '[' }]",
        "line 3: until: `[` is not a regular expression: unclosed character class, at character 1",
    );
}

#[test]
fn framings_and_plans_must_be_known() {
    refused_with(
        "send = 'a'\nframe = 'fixed:0'",
        "line 3: frame: `fixed:0` is not a framing: the size must be a number above 0, as in \
         fixed:16",
    );
    refused_with(
        "send = 'a'\nreply_frame = 'fixed'",
        "line 3: reply_frame: `fixed` is not a framing: it needs a value, as in delim:\\0, \
         fixed:16, header:64, length:size=2",
    );
    refused_with(
        "send = 'a'\nplans = ['split:2']",
        "line 3: plans: `split:2` is not a plan: this plan has no number",
    );
    refused_with(
        "send = 'a'\nplans = []",
        "line 3: plans: an empty list of plans would check nothing",
    );
}

#[test]
fn a_framing_must_carry_what_is_sent() {
    refused_with(
        "send = 'a'\nframe = 'fixed:2'",
        "line 2: send: the framing `fixed:2` cannot carry it: a message of 1 B does not fit \
         `fixed:2`, where each has 2 B",
    );
    refused_with(
        "send = 'a'\nframe = 'fixed:9'\nmax_message = 8",
        "line 3: frame: `fixed:9` cannot be used with a limit of 8 B a message: it needs 9",
    );
    refused_with(
        "send = 'a'\nmax_message = 8",
        "line 3: max_message: a limit on messages needs a framing, which says where they end",
    );
}

#[test]
fn a_token_must_be_wide_enough_and_stand_in_what_is_sent() {
    refused_with(
        "send = 'abc'\ntoken = 'abc'",
        "line 3: token: a token of 3 B is too short for a value of its own on each connection: it \
         needs 4",
    );
    let unused = "line 3: token: the token stands nowhere in what is sent";
    refused_with("send = 'abc'\ntoken = 'abcd'", unused);
    for lines in [
        "send = 'an abcd'",
        "send = 'a'\nthen = 'abcd'",
        "send = 'a'\nbefore = [{ send = 'abcd' }]",
    ] {
        parse(&format!("name = 'x'\ntoken = 'abcd'\n{lines}"));
    }
}

#[test]
fn no_byte_of_a_file_reaches_a_terminal_raw_and_no_error_is_long() {
    for text in [
        "\"\\e[2J\" = 1".to_owned(),
        format!("{} = 1", "a".repeat(100_000)),
        "name = 'x'\nsend_file = \"\\e\"".to_owned(),
        "name = 'x'\nsend = 'a'\nframe = \"\\e\"".to_owned(),
        "name = 'x'\nsend = \"\x1b\"".to_owned(),
        format!("name = 'x'\nsend = 'a'\ngreeting = '{}('", "a".repeat(10_000)),
    ] {
        let error = CaseFile::parse(&text, &disk).unwrap_err().to_string();
        assert!(error.chars().all(is_harmless), "{error}");
        assert!(error.chars().count() < 600, "{error}");
    }
}

/// Files that are nearly right, and anything else.
fn files() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        Just("name = 'x'"),
        Just("send = 'abcd'"),
        Just("send_hex = '0"),
        Just("then = \""),
        Just("before = [{ send = 'a' }, {"),
        Just("until = '('"),
        Just("}]"),
        Just("frame = 'line'"),
        Just("max_message = -1"),
        Just("token = 'abcd'"),
        Just("plans = ['"),
        Just("[[before]]"),
        Just("é = '\u{1b}'"),
    ];
    let lines = prop::collection::vec(prop_oneof![field.prop_map(str::to_owned), ".*"], 0..9);
    prop_oneof![lines.prop_map(|lines| lines.join("\n")), any::<String>()]
}

proptest! {
    #[test]
    fn no_file_panics_and_every_error_has_a_line_of_it(text in files()) {
        if let Err(error) = CaseFile::parse(&text, &disk) {
            prop_assert!((1..=text.split('\n').count()).contains(&error.line()));
            prop_assert!(error.to_string().chars().all(is_harmless), "{error}");
        }
    }
}
