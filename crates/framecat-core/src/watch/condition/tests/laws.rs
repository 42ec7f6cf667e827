//! What is true of every condition.

use proptest::prelude::*;

use super::super::super::Trigger;
use super::*;

fn value(unit: Unit) -> BoxedStrategy<String> {
    let digits = (0u64..1 << 53).prop_map(|number| number.to_string());
    let fraction = (0u32..100_000, 0u32..1_000_000).prop_map(|(a, b)| format!("{a}.{b:06}"));
    let number = prop_oneof![digits, fraction.clone()];
    let with = |units: &'static [&'static str]| {
        (fraction.clone(), proptest::sample::select(units))
            .prop_map(|(n, unit)| format!("{n}{unit}"))
    };
    let one_of =
        |all: &'static [&'static str]| proptest::sample::select(all).prop_map(str::to_owned);
    match unit {
        Unit::Bytes | Unit::BytesPerSecond => {
            prop_oneof![number, with(&["", "b", "k", "KiB", "M", "G"])].boxed()
        }
        Unit::Count | Unit::PerSecond => number.boxed(),
        Unit::Time => {
            let small = (0u32..8000, 0u32..1000).prop_map(|(a, b)| format!("{a}.{b:03}"));
            let units = &["", "s", "ms", "us", "m", "h"][..];
            (small, proptest::sample::select(units))
                .prop_map(|(n, unit)| format!("{n}{unit}"))
                .boxed()
        }
        Unit::State => one_of(&["LISTEN", "close-wait", "estab", "UNCONN"]).boxed(),
        Unit::Kind => one_of(&["tcp", "udp", "unix", "unix_dgram", "unix-seqpacket"]).boxed(),
        Unit::Severity => one_of(&["none", "note", "warning", "error"]).boxed(),
        Unit::Text => prop_oneof![
            "[a-z0-9./:@*\\[\\]-]{1,12}".prop_filter("no keyword", |text| lex::is_bare(text)),
            "[^'\\p{C}\\p{Z}]{0,9}"
                .prop_filter("shown as it is", |text| {
                    text.chars().all(crate::escape::is_harmless)
                })
                .prop_map(|text| format!("'{text} '")),
            "[a-z' ]{0,9}".prop_map(|text| format!("\"{text}\"")),
            one_of(&["'and'", "'for'", "\"not\"", "''"]),
        ]
        .boxed(),
    }
}

fn comparison() -> impl Strategy<Value = String> {
    proptest::sample::select(FIELDS).prop_flat_map(|field| {
        let operators: Vec<_> = Operator::ALL
            .into_iter()
            .filter(|(operator, _)| operator.compares(field.unit))
            .map(|(_, sign)| sign)
            .collect();
        let names: Vec<_> = field.names().collect();
        let parts = (
            proptest::sample::select(names),
            proptest::sample::select(operators),
            value(field.unit),
        );
        parts.prop_map(|(name, operator, value)| format!("{name}{operator}{value}"))
    })
}

fn condition() -> impl Strategy<Value = String> {
    comparison().prop_recursive(5, 40, 4, |inner| {
        let many = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many.clone().prop_map(|all| format!("({})", all.join(" and "))),
            many.clone().prop_map(|all| all.join(" and ")),
            many.clone().prop_map(|all| all.join(" || ")),
            many.prop_map(|all| format!("({})", all.join(" or "))),
            inner.clone().prop_map(|one| format!("not {one}")),
            inner.prop_map(|one| format!("!({one})")),
        ]
    })
}

proptest! {
    #[test]
    fn a_condition_prints_as_one_that_means_the_same(text in condition()) {
        let condition: Condition = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        let printed = condition.to_string();
        prop_assert_eq!(printed.parse(), Ok(condition.clone()), "{} as {}", text, printed);
        // And it is a condition for every socket there is, without a panic.
        let mut frame = Script::default().frame(S, vec![
            listener(1, 3, 5),
            reader(2, 5, 5),
            visitor(3, S),
            bare(4, State::TimeWait),
            udp(5, 0, 1),
            unix(6, "/a", State::Established),
        ]);
        let negated = parse(&format!("not ({condition})"));
        for row in &frame.rows {
            prop_assert!(!(condition.holds(row, &frame) && negated.holds(row, &frame)));
        }
        frame.select(&condition);
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn no_order_of_words_is_too_strange(words in proptest::collection::vec(word(), 0..20)) {
        check(&words.concat())?;
    }

    #[test]
    fn time_behind_a_condition_prints_as_it_is_read(text in condition(), nanos in 0u64..1 << 54) {
        let time = std::time::Duration::from_nanos(nanos);
        let text = format!("{text} for {}.{:09}s", time.as_secs(), time.subsec_nanos());
        let trigger: Trigger = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(trigger.time(), time);
        prop_assert_eq!(trigger.to_string().parse(), Ok(trigger));
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "recvq", "state", "process", "age", ">", "=", "~", "!=", "!", "(", ")", "&&", "|", "and",
        "or", "not", "for", " ", "5", "5s", "LISTEN", "'", "\"", "é", "\u{85}", "\u{2028}", "\0",
    ];
    proptest::sample::select(words.to_vec()).prop_map(str::to_owned)
}

fn check(text: &str) -> Result<(), TestCaseError> {
    match text.parse::<Trigger>() {
        Ok(trigger) => prop_assert_eq!(trigger.to_string().parse(), Ok(trigger)),
        Err(error) => {
            prop_assert!((1..=text.chars().count() + 1).contains(&error.at), "{error:?}");
            let shown = error.to_string();
            prop_assert!(shown.chars().all(crate::escape::is_harmless), "{shown:?}");
        }
    }
    Ok(())
}
