//! The laws on streams that nobody thought of. The seed is fixed: a red build shall be the change's
//! own doing, and looking for new cases is the fuzz targets' task.

use crate::framings::{carries, seamed, symbols, with_limit};
use crate::read::read;
use framecat_core::framing::Codec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x66_72_61_6d_65),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Pieces of these sizes, the sizes taken round and round.
fn cut<'a>(mut stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        let (piece, rest) = stream.split_at((*size).min(stream.len()));
        pieces.push(piece);
        stream = rest;
        if stream.is_empty() {
            break;
        }
    }
    pieces
}

/// Bytes of which many mean something to some framing.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let telling = prop::sample::select(&b"ab\r\n.,:0123 \0\xff"[..]);
    prop_oneof![prop::collection::vec(telling, 0..12), prop::collection::vec(any::<u8>(), 0..300),]
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn any_messages_survive_any_cuts(
        messages in prop::collection::vec(payload(), 1..6),
        sizes in prop::collection::vec(1usize..40, 1..8),
    ) {
        for framing in seamed() {
            let codec = Codec::new(framing.clone(), 1 << 20).unwrap();
            let mut stream = Vec::new();
            let mut sent = messages.clone();
            sent.retain(|message| {
                let result = codec.encode(message, &mut stream);
                assert_eq!(result.is_ok(), carries(&framing, message), "{framing} {result:?}");
                result.is_ok()
            });
            let story = read(&codec, cut(&stream, &sizes));
            prop_assert_eq!((story.messages, story.end), (sent, Ok(())), "{}", framing);
        }
    }

    #[test]
    fn a_damaged_stream_tells_the_same_story_for_any_cuts(
        messages in prop::collection::vec(payload(), 1..6),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 0..4),
        sizes in prop::collection::vec(1usize..40, 1..8),
    ) {
        for framing in seamed() {
            let codec = with_limit(&framing, 250);
            let mut stream = Vec::new();
            for message in &messages {
                let _ = codec.encode(message, &mut stream);
            }
            for (at, byte) in &damage {
                if !stream.is_empty() {
                    let at = at.index(stream.len());
                    stream[at] = *byte;
                }
            }
            let whole = read(&codec, [&stream[..]]).without_excerpts();
            let story = read(&codec, cut(&stream, &sizes)).without_excerpts();
            prop_assert_eq!(story, whole, "{} {:?}", framing, stream);
        }
    }

    #[test]
    fn a_stream_of_symbols_tells_the_same_story_for_any_cuts(
        choices in prop::collection::vec(any::<Index>(), 1..60),
        sizes in prop::collection::vec(1usize..9, 1..8),
        max in 1usize..20,
    ) {
        for framing in seamed() {
            let symbols = symbols(&framing);
            let stream: Vec<u8> =
                choices.iter().flat_map(|choice| choice.get(&symbols).iter().copied()).collect();
            let codec = with_limit(&framing, max);
            let whole = read(&codec, [&stream[..]]).without_excerpts();
            let story = read(&codec, cut(&stream, &sizes)).without_excerpts();
            prop_assert_eq!(story, whole, "{} {:?}", framing, stream);
        }
    }
}
