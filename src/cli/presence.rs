//! Who sat down, with what, and what changed in their profile since the last time: for the audit chain.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::payments::fingerprint::hex;
use crate::store::Kind;
use crate::sync::Desk;

/// Where the store keeps what the profile said at the last start.
const KEPT: &str = "profile_keys";

/// Writes who sat down into the chain: by which command, in which environment, with which credential (its
/// fingerprint), under which configuration (its hash). Before it, which keys of the profile are not what they
/// were at the last start.
///
/// A failure is logged: it changes no money.
pub async fn tell(desk: &Desk, config: &Config, by: &str) {
    let keys = keys(config, &desk.actor.profile);
    let now = serde_json::to_string(&keys).expect("texts can always be written");
    let was = desk.store.recall(KEPT).await.ok().flatten().unwrap_or_default();
    if was != now {
        if let Ok(before) = serde_json::from_str::<BTreeMap<String, String>>(&was) {
            let changed = |key: &&String| before.get(*key) != keys.get(*key);
            let mut names: Vec<&str> =
                keys.keys().chain(before.keys()).filter(changed).map(String::as_str).collect();
            names.sort_unstable();
            names.dedup();
            let (old, new) = (sha256(&was), sha256(&now));
            let data =
                [("keys", names.join(" ")), ("now", new), ("was", old), ("what", "profile".to_owned())];
            let data: Vec<(&'static str, &str)> =
                data.iter().map(|(name, value)| (*name, value.as_str())).collect();
            desk.audit(Kind::ConfigChanged, &data).await;
        }
        if let Err(error) = desk.store.remember(KEPT, &now).await {
            tracing::error!(%error, "what the profile says is not kept for the next start");
        }
    }
    let credential = desk.actor.credential.as_deref().map(sha256).unwrap_or_default();
    let readonly = desk.actor.readonly.to_string();
    let data = [
        ("by", by),
        ("config", &sha256(&now)),
        ("credential", &credential),
        ("environment", &desk.actor.environment),
        ("readonly", &readonly),
        ("version", env!("CUADRE_VERSION")),
    ];
    desk.audit(Kind::SignedIn, &data).await;
}

/// Each key of the profile that is set, with a hash of its value; secrets are not among the values.
fn keys(config: &Config, profile: &str) -> BTreeMap<String, String> {
    let own = format!("profiles.{profile}.");
    let of_profile = config
        .shown()
        .iter()
        .filter_map(|shown| shown.key.strip_prefix(&own).map(|key| (key.to_owned(), sha256(&shown.value))));
    of_profile.collect()
}

/// Its first 16 digits: enough to tell two apart.
fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())).chars().take(16).collect()
}
