//! Making, reading, editing, cancelling and quoting payment links (contract 4).

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::{Fields, Need};
use super::call::{Call, Reply};
use super::event::CobruEvent;
use super::fees::vat_inside;
use super::json::Object;
use super::state::{Cobru, CobruState, FIRST_COBRU, Payer, UserIx, pk};
use super::{render, when};

/// Characters of a description and of a callback [doc·st].
const DESCRIPTION_MAX: usize = 240;
const CALLBACK_MAX: usize = 500;
/// Longest life of a link in days; no source names one [inf].
const DAYS_MAX: i64 = 3650;
/// Document of the payer who pays by himself after a minute in dev [doc·st].
pub const TEST_PAYER: &str = "7777777";
/// Seconds until he does.
pub const TEST_PAYMENT_AFTER: i64 = 60;

/// The 403 that means "something is missing" rather than "you may not" [doc].
fn creation_failed() -> Answer {
    Answer::error(403, "Error en la creacion del cobru.")
}

/// The flags that are `true` in the text of `payment_method_enabled`; `None` when it is no JSON object.
fn enabled_in(flags: &str) -> Option<Vec<String>> {
    let flags: BTreeMap<String, Box<RawValue>> = serde_json::from_str(flags).ok()?;
    Some(flags.into_iter().filter(|(_, value)| value.get() == "true").map(|(name, _)| name).collect())
}

/// `POST /cobru/` [doc, verified].
pub fn create(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let limits = &world.cobru.limits;
    let strict = if world.settings.strict_create { Need::Required } else { Need::Optional };
    let sent = fields.amount_or_text("amount", Need::Required, limits.amount_min, limits.amount_max);
    let description = fields.words("description", Need::Required, DESCRIPTION_MAX);
    let expiration_days = fields.integer("expiration_days", Need::Required, 0, DAYS_MAX);
    let flags = fields.text_up_to("payment_method_enabled", Need::Required, 2000);
    let payer_redirect_url = fields.words("payer_redirect_url", Need::Optional, 2000);
    let callback = fields.words("callback", Need::Optional, CALLBACK_MAX);
    let payer_assumes = fields.flag("client_assume_costs", strict);
    let iva_bp = fields.amount("iva", strict, 0, 10_000);
    let platform = fields.words("platform", Need::Optional, 100);
    let key = fields.words("idempotency_key", Need::Optional, 200);
    let images = fields.texts("images");
    let payer_id = fields.text_or_integer("payer_id", Need::Optional, 40);
    fields.check()?;
    let (Some(sent), Some(description), Some(expiration_days), Some(flags)) =
        (sent, description, expiration_days, flags)
    else {
        return Err(creation_failed());
    };
    if world.settings.strict_create && (payer_redirect_url.is_none() || callback.is_none()) {
        return Err(creation_failed());
    }
    let enabled = enabled_in(&flags).ok_or_else(creation_failed)?;
    let payer_assumes = payer_assumes.unwrap_or(false);
    if world.shares(sent, payer_assumes).payed <= 0 {
        return Err(Answer::field("amount", "El valor no cubre la comisión."));
    }
    let row = world.cobru.cobrus.len();
    let key = key.unwrap_or_else(|| format!("{:016x}", world.cobru.number("idempotency", row)));
    if world.cobru.is_key_used(&stored_key(world, user, &key)) {
        return Err(Answer::error(400, "double_idempotency_key_in_cobru"));
    }
    let draft = Draft {
        sent,
        payer_assumes,
        iva_bp: iva_bp.unwrap_or(0),
        description,
        flags,
        enabled,
        expiration_days,
        payer_redirect_url,
        callback,
        platform,
        idempotency_key: key,
        images: images.unwrap_or_default(),
    };
    let row = make(world, user, draft);
    if payer_id.as_deref() == Some(TEST_PAYER) {
        let at = world.now.plus_seconds(TEST_PAYMENT_AFTER);
        world.later(at, CobruEvent::TestPayment { cobru: row });
    }
    Ok(Answer::created(render::created(world.cobru.cobru(row), world.cobru.user(user))))
}

/// What a cobru is made of; see [`Cobru`].
#[derive(Debug, Default)]
pub struct Draft {
    pub sent: i64,
    pub payer_assumes: bool,
    pub iva_bp: i64,
    pub description: String,
    pub flags: String,
    /// Read from `flags` when it is empty.
    pub enabled: Vec<String>,
    pub expiration_days: i64,
    pub payer_redirect_url: Option<String>,
    pub callback: Option<String>,
    pub platform: Option<String>,
    /// Without the owner in front.
    pub idempotency_key: String,
    pub images: Vec<String>,
}

/// The key as it is kept and shown: with the owner in front, so that it is unique for him only.
fn stored_key(world: &World, user: UserIx, key: &str) -> String {
    format!("{}_{key}", world.cobru.user(user).phone)
}

/// Makes a cobru of a draft that was checked.
pub fn make(world: &mut World, user: UserIx, draft: Draft) -> usize {
    let row = world.cobru.cobrus.len();
    let shares = world.shares(draft.sent, draft.payer_assumes);
    let enabled =
        if draft.enabled.is_empty() { enabled_in(&draft.flags).unwrap_or_default() } else { draft.enabled };
    let cobru = Cobru {
        pk: pk(FIRST_COBRU, row),
        slug: world.cobru.new_slug(),
        owner: user,
        state: CobruState::Created,
        sent: draft.sent,
        shares,
        payer_assumes: draft.payer_assumes,
        iva_bp: draft.iva_bp,
        iva_amount: vat_inside(shares.amount, draft.iva_bp),
        description: draft.description,
        flags: draft.flags,
        enabled,
        expiration_days: draft.expiration_days,
        payer_redirect_url: draft.payer_redirect_url,
        callback: draft.callback,
        platform: draft.platform.unwrap_or_else(|| "desconocido".to_owned()),
        idempotency_key: stored_key(world, user, &draft.idempotency_key),
        images: draft.images,
        created: world.now,
        expires: when::end_of_day(world.now, draft.expiration_days),
        payed_at: None,
        payer: Payer::default(),
        orders: Vec::new(),
        order: None,
        method: None,
        cus: String::new(),
    };
    let expires = cobru.expires;
    let row = world.cobru.add_cobru(cobru);
    world.later(expires, CobruEvent::CobruEnds { cobru: row });
    row
}

/// The cobru of this slug, if it is the user's own.
pub fn own(world: &World, slug: &str, user: UserIx) -> Result<usize, Answer> {
    let row = world.cobru.find_cobru(slug).ok_or_else(Answer::not_found)?;
    if world.cobru.cobru(row).owner == user { Ok(row) } else { Err(Answer::not_found()) }
}

/// `GET /cobru_detail/{url}` [doc].
pub fn detail(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let row = own(world, call.segment(1), user)?;
    Ok(Answer::ok(render::detail(world.cobru.cobru(row))))
}

/// `POST /edit_cobru/` [doc]. What is absent stays; while a payment is under way only the description
/// changes [inf].
pub fn edit(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let limits = &world.cobru.limits;
    let slug = fields.words("url", Need::Required, 40);
    let description = fields.words("description", Need::Optional, DESCRIPTION_MAX);
    let sent = fields.amount_or_text("amount", Need::Optional, limits.amount_min, limits.amount_max);
    let days = fields.integer("expiration_days", Need::Optional, 0, DAYS_MAX);
    let flags = fields.text_up_to("payment_methods", Need::Optional, 2000);
    let iva_bp = fields.amount_or_text("fee_iva", Need::Optional, 0, 10_000);
    fields.check()?;
    let row = own(world, &slug.unwrap_or_default(), user)?;
    match world.cobru.cobru(row).state {
        CobruState::Paid | CobruState::Refunded => return Err(Answer::error(400, "COBRU_IS_PAYED")),
        CobruState::Expired => return Err(Answer::error(400, "COBRU_EXPIRED")),
        CobruState::Created | CobruState::InProcess | CobruState::NotPaid => {}
    }
    let under_way = world.cobru.cobru(row).state == CobruState::InProcess;
    let mut cobru = world.cobru.cobru(row).clone();
    if let Some(description) = description {
        cobru.description = description;
    }
    if !under_way {
        if let Some(flags) = flags {
            let Some(enabled) = enabled_in(&flags) else {
                return Err(Answer::field("payment_methods", "Not a valid string."));
            };
            (cobru.flags, cobru.enabled) = (flags, enabled);
        }
        cobru.sent = sent.unwrap_or(cobru.sent);
        cobru.iva_bp = iva_bp.unwrap_or(cobru.iva_bp);
        cobru.shares = world.shares(cobru.sent, cobru.payer_assumes);
        if cobru.shares.payed <= 0 {
            return Err(Answer::field("amount", "El valor no cubre la comisión."));
        }
        cobru.iva_amount = vat_inside(cobru.shares.amount, cobru.iva_bp);
        if let Some(days) = days {
            cobru.expiration_days = days;
            cobru.expires = when::end_of_day(cobru.created, days);
            world.later(cobru.expires, CobruEvent::CobruEnds { cobru: row });
        }
    }
    let answer = render::edited(&cobru);
    *world.cobru.cobru_mut(row) = cobru;
    Ok(Answer::ok(answer))
}

/// `POST /cobru/update_to_expired/`: the owner takes the link back [doc·st].
pub fn expire(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let slug = fields.words("url", Need::Required, 40);
    fields.check()?;
    let row = own(world, &slug.unwrap_or_default(), user)?;
    match world.cobru.cobru(row).state {
        CobruState::Paid | CobruState::Refunded => Err(Answer::result(400, "COBRU_IS_PAYED")),
        CobruState::Expired => Err(Answer::result(400, "COBRU_EXPIRED")),
        CobruState::Created | CobruState::InProcess | CobruState::NotPaid => {
            world.withdraw_cobru(row);
            Ok(Answer::result(200, "OK"))
        }
    }
}

/// `POST /cobru/estimate/` [doc]: the arithmetic of a creation, with nothing made.
pub fn estimate(world: &mut World, call: &Call<'_>, _: UserIx) -> Reply {
    let fields: Fields = call.fields()?;
    let limits = &world.cobru.limits;
    let sent = fields.amount_or_text("amount", Need::Required, limits.amount_min, limits.amount_max);
    let payer_assumes = fields.flag("client_assume_costs", Need::Optional);
    fields.check()?;
    let shares = world.shares(sent.unwrap_or_default(), payer_assumes.unwrap_or(false));
    let quote = Object::new()
        .amount("cobru_amount", shares.amount)
        .amount("cobru_fee", shares.fee)
        .amount("iva", shares.vat)
        .amount("cobru_payed_amount", shares.payed);
    Ok(Answer::ok(quote.end()))
}

/// `GET /settings/price_trm/`: the official rate of the dollar, the figure of the sample [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn price_trm(_: &mut World, _: &Call<'_>) -> Reply {
    Ok(Answer::ok(Object::new().raw("price", "4145.49237").end()))
}
