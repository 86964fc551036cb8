//! What stands on the screens of a busy day is words, in either language: no code of a provider's.

use crate::chain::PAYEE;
use crate::desk::{Person, sandbox_of};
use cuadre::console::Message;
use cuadre::console::panes;
use cuadre::domain::role::Role;
use cuadre::i18n::Lang;
use std::collections::BTreeSet;

/// Rows of a list whose detail is drawn; the facts of all the others are read.
const DRAWN_MAX: usize = 40;
/// Codes of one word.
const SHORT: [&str; 7] = ["ach", "breb", "spei", "pse", "r2p", "dp", "ch"];
/// What identifies someone is no code.
const IDS: [&str; 3] = ["cli_", "usr_", "acc_"];

/// The words of a text that are written as codes are: `fast_pay`.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || "·│┃,;:()[]«»".contains(c));
    words.filter(|word| {
        let snake = word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        SHORT.contains(word) || snake && !IDS.iter().any(|head| word.starts_with(head))
    })
}

#[tokio::test]
async fn no_code_of_a_provider_stands_in_a_list_or_a_detail() {
    let sandbox = sandbox_of("busy-day").await;
    let mut admin = Person::sits(&sandbox, Role::Admin);
    admin.pays(PAYEE, "251.337,00", "251337", "fv-1001").await.press("6").until_sees("por aprobar").await;
    admin.until_all_came().await;
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut read = 0;
    for lang in Lang::ALL {
        admin.desk.message(Message::Language(lang));
        for pane in panes::ALL {
            admin.desk.message(Message::Go(pane.id()));
            let rows = pane.list(&admin.desk.model).texts(&admin.desk.model.look(), 0, usize::MAX);
            for (at, (id, cells)) in rows.into_iter().enumerate() {
                read += 1;
                let mut texts: Vec<String> = cells.into_iter().map(|(_, text)| text).collect();
                assert!(pane.list_mut(&mut admin.desk.model).select(&id), "{id}");
                let facts = pane.facts(&admin.desk.model).into_iter().flat_map(|(_, facts)| facts);
                texts.extend(facts.map(|fact| fact.text().to_owned()));
                if at < DRAWN_MAX {
                    admin.desk.message(Message::Zone { back: false });
                    texts.push(admin.desk.screen(160, 60));
                    admin.desk.message(Message::Zone { back: false });
                }
                for text in &texts {
                    found.extend(
                        codes(text).map(|code| format!("{} {}: {code}", lang.code(), pane.id().code())),
                    );
                }
            }
        }
    }
    assert!(read > 400, "the day was not busy: {read}");
    assert!(found.is_empty(), "{found:#?}");
    admin.leaves().await;
}
