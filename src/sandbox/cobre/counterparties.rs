//! Counterparties: whom one pays or asks to pay. They are made and taken away, never changed
//! (contract 5).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::catalogue::{Geo, Institution};
use super::checks;
use super::fields::{Fields, texted};
use super::lists::{self, Window};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, events, mask};

#[derive(Debug, Clone)]
pub struct Counterparty {
    pub form: &'static Form,
    pub alias: Option<String>,
    pub metadata: Map<String, Value>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub deleted: bool,
    /// Whether it may be paid: local ones at once, global ones when verified.
    pub verified: bool,
}

/// A type of counterparty and the metadata it takes (contract 5.2).
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    pub geo: Geo,
    pub name: &'static str,
    required: &'static [&'static str],
}

const ACCOUNT: &[&str] = &[
    "counterparty_fullname",
    "beneficiary_institution",
    "account_number",
    "counterparty_id_type",
    "counterparty_id_number",
];
const PAYER: &[&str] = &[
    "counterparty_fullname",
    "counterparty_id_type",
    "counterparty_id_number",
    "counterparty_email",
    "counterparty_phone",
];
const CLABE: &[&str] =
    &["account_number", "counterparty_fullname", "counterparty_id_type", "counterparty_id_number"];
const AMERICAN: &[&str] =
    &["routing_number", "account_number", "counterparty_fullname", "address", "city", "state", "postal_code"];

const fn form(geo: Geo, name: &'static str, required: &'static [&'static str]) -> Form {
    Form { geo, name, required }
}

pub static FORMS: [Form; 15] = [
    form(Geo::Col, "cc", ACCOUNT),
    form(Geo::Col, "ch", ACCOUNT),
    form(Geo::Col, "dp", ACCOUNT),
    form(Geo::Col, "breb_key", &["key_value"]),
    form(Geo::Col, "breb_qr", &["qr_value"]),
    form(Geo::Col, "cobre_balance", &["cobre_tag"]),
    form(Geo::Col, "r2p", PAYER),
    form(Geo::Col, "r2p_breb", &[]),
    form(Geo::Mex, "clabe", CLABE),
    form(Geo::Mex, "spei_card", ACCOUNT),
    form(Geo::Mex, "r2p", &["counterparty_fullname"]),
    form(
        Geo::Global,
        "global_deposit_np",
        &[
            "counterparty_first_name",
            "counterparty_last_name",
            "nationality",
            "date_of_birth",
            "country",
            "state",
            "city",
            "address",
            "postal_code",
            "counterparty_chain",
            "counterparty_wallet_address",
        ],
    ),
    form(
        Geo::Global,
        "global_deposit_le",
        &[
            "company_name",
            "country_of_incorporation",
            "state",
            "city",
            "address",
            "postal_code",
            "counterparty_chain",
            "counterparty_wallet_address",
        ],
    ),
    form(Geo::Usa, "business", AMERICAN),
    form(Geo::Usa, "individual", AMERICAN),
];

impl Form {
    pub fn find(geo: &str, name: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.geo.name() == geo && form.name == name)
    }

    /// Global types are verified before they can be paid [doc].
    pub const fn is_verified_first(&self) -> bool {
        matches!(self.geo, Geo::Global)
    }
}

impl Counterparty {
    pub fn field(&self, name: &str) -> &str {
        self.metadata.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Where money for it goes, as its number or key is shown.
    pub fn account(&self) -> &str {
        ["account_number", "key_value", "cobre_tag", "counterparty_wallet_address", "counterparty_phone"]
            .into_iter()
            .map(|name| self.field(name))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }
}

/// What is masked on reads: names, document and account numbers (contract 1.7).
const SENSITIVE: [&str; 7] = [
    "counterparty_fullname",
    "counterparty_first_name",
    "counterparty_last_name",
    "company_name",
    "counterparty_id_number",
    "account_number",
    "counterparty_wallet_address",
];

/// Metadata as it is read: masked, unless all may be seen.
pub fn shown(metadata: &Map<String, Value>, sensitive: bool) -> Map<String, Value> {
    let mut shown = metadata.clone();
    if !sensitive {
        for (name, value) in &mut shown {
            match value {
                Value::String(text) if SENSITIVE.contains(&name.as_str()) => *text = mask(text),
                Value::Object(inner) => *inner = self::shown(inner, false),
                _ => {}
            }
        }
    }
    shown
}

#[derive(Debug, Serialize)]
pub struct View {
    id: String,
    geo: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    alias: Option<String>,
    metadata: Map<String, Value>,
    created_at: Moment,
    updated_at: Moment,
}

pub fn id(world: &World, row: u32) -> String {
    world.ids.make("cp_", 10, row)
}

/// A counterparty that is there (a deleted one isn't), by its id.
pub fn find<'a>(world: &'a World, id: &str) -> Option<(u32, &'a Counterparty)> {
    let row = world.ids.row("cp_", 10, id)?;
    let found = world.cobre.counterparties.get(row as usize)?;
    (!found.deleted).then_some((row, found))
}

pub fn missing() -> Refusal {
    Refusal::new("CP006", "Counterparty not found")
}

pub fn view(world: &World, row: u32, sensitive: bool) -> Option<View> {
    let found = world.cobre.counterparties.get(row as usize)?;
    Some(View {
        id: id(world, row),
        geo: found.form.geo.name(),
        kind: found.form.name,
        alias: found.alias.clone(),
        metadata: shown(&found.metadata, sensitive),
        created_at: found.created_at,
        updated_at: found.updated_at,
    })
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let call = ask.call;
    let window = Window::of(call, &world.settings)?;
    let keep = |row: u32| {
        let Some(found) = world.cobre.counterparties.get(row as usize).filter(|found| !found.deleted) else {
            return false;
        };
        lists::is(call, "alias", found.alias.as_deref().unwrap_or_default())
            && lists::is(call, "geo", found.form.geo.name())
            && lists::is(call, "type", found.form.name)
            && [
                "counterparty_id_number",
                "beneficiary_institution",
                "account_number",
                "key_value",
                "counterparty_fullname",
            ]
            .into_iter()
            .all(|name| lists::is(call, name, found.field(name)))
    };
    let (total, rows) = window.pick(&lists::All, 0..world.cobre.counterparties.len(), Some(&keep));
    let page: Vec<View> = rows.into_iter().filter_map(|row| view(world, row, ask.sensitive())).collect();
    Ok(window.answer(total, &page))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = find(world, ask.id(0)).ok_or_else(missing)?;
    Ok(Reply::json(200, &view(world, row, ask.sensitive())))
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = find(world, ask.id(0)).ok_or_else(missing)?;
    let now = world.now;
    if let Some(found) = world.cobre.counterparties.get_mut(row as usize) {
        (found.deleted, found.updated_at) = (true, now);
    }
    Ok(Reply::empty(204))
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("CP004")?;
    let draft = read(world, Fields::new(&body, "CP004"))?;
    if !world.settings.allow_duplicate_counterparties
        && world
            .cobre
            .counterparties
            .iter()
            .any(|held| !held.deleted && is_same(held, &draft) && held.alias == draft.alias)
    {
        return Err(Refusal::new("CP005", "The counterparty already exists"));
    }
    let row = add(world, draft);
    Ok(Reply::json(201, &view(world, row, true)))
}

pub fn add(world: &mut World, draft: Counterparty) -> u32 {
    let row = u32::try_from(world.cobre.counterparties.len()).expect("fewer counterparties than 2^32");
    let waits = !draft.verified;
    world.cobre.counterparties.push(draft);
    if waits {
        changed(world, row, "processing");
        world.schedule(2_000, Event::Cobre(CobreEvent::Verified(row)));
    }
    row
}

/// Tells of a counterparty's verification.
pub fn changed(world: &mut World, row: u32, status: &str) {
    let id = id(world, row);
    events::emit(world, &format!("counterparty.status.{status}"), &id, |world| json!(view(world, row, true)));
}

/// Whether the bulk guide would recognise one as the other (contract 5.4).
pub fn is_same(one: &Counterparty, other: &Counterparty) -> bool {
    const IDENTITY: [&str; 11] = [
        "account_number",
        "key_value",
        "qr_value",
        "cobre_tag",
        "counterparty_wallet_address",
        "beneficiary_institution",
        "counterparty_fullname",
        "counterparty_id_number",
        "counterparty_id_type",
        "counterparty_email",
        "counterparty_phone",
    ];
    one.form == other.form && IDENTITY.into_iter().all(|name| one.field(name) == other.field(name))
}

/// Reads and checks `{geo, type, alias, metadata}`; nothing is kept yet.
pub fn read(world: &World, body: Fields<'_>) -> Result<Counterparty, Refusal> {
    let kind = match body.get("type") {
        None => return Err(Refusal::new("CP001", "type is required")),
        Some(kind) => kind.as_str().ok_or_else(|| Refusal::new("CP002", "type must be a string"))?,
    };
    if kind.is_empty() {
        return Err(Refusal::new("CP001", "type is required"));
    }
    let geo = body.required_text("geo", 1, 16)?;
    let form = Form::find(geo, kind)
        .ok_or_else(|| Refusal::new("CP002", format!("type {kind:?} does not exist in geo {geo:?}")))?;
    let alias = body.text("alias", 0, 255)?.map(str::to_owned);
    let given = body.object("metadata")?.ok_or_else(|| body.refuse("metadata is required"))?;
    let mut metadata = Map::new();
    for (name, value) in given.map {
        let texts = [
            "account_number",
            "counterparty_id_number",
            "beneficiary_institution",
            "counterparty_phone",
            "postal_code",
        ];
        metadata
            .insert(name.clone(), if texts.contains(&name.as_str()) { texted(value) } else { value.clone() });
    }
    if let Some(Value::String(kind)) = metadata.get_mut("counterparty_id_type") {
        *kind = kind.to_lowercase();
    }
    if let Some(Value::String(number)) = metadata.get_mut("counterparty_id_number") {
        number.retain(|letter| letter != '-');
    }
    check(world, form, &metadata)?;
    Ok(Counterparty {
        form,
        alias,
        metadata,
        created_at: world.now,
        updated_at: world.now,
        deleted: false,
        verified: !form.is_verified_first(),
    })
}

fn check(world: &World, form: &Form, metadata: &Map<String, Value>) -> Result<(), Refusal> {
    let fields = Fields::new(metadata, "CP004");
    for name in form.required {
        fields.required_text(name, 1, 255).map_err(|refusal| match *name {
            "account_number" => Refusal::new("CP003", refusal.text),
            _ => refusal,
        })?;
    }
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).unwrap_or_default();
    for name in
        SENSITIVE.into_iter().chain(["counterparty_email", "counterparty_phone", "counterparty_id_type"])
    {
        fields.text(name, 0, 255)?;
    }
    let bad_number = |why: &str| Err(Refusal::new("CP003", format!("account_number {why}")));
    let number = text("account_number");
    match (form.geo, form.name) {
        (Geo::Col, kind @ ("cc" | "ch" | "dp")) => {
            if !checks::is_digits(number, 3, 20) {
                return bad_number("must have 3 to 20 digits");
            }
            let institution = Institution::find(text("beneficiary_institution"))
                .ok_or_else(|| fields.refuse("beneficiary_institution is not known"))?;
            if !institution.holds(kind) {
                return Err(fields.refuse(format!("{} has no accounts of type {kind}", institution.name)));
            }
            if world.settings.qa_mode && institution.code != "1007" {
                return Err(fields.refuse("only 1007 can be paid in this environment"));
            }
        }
        (Geo::Col, "breb_key") if !checks::is_breb_key(text("key_value")) => {
            return Err(fields.refuse("key_value is not a Bre-B key"));
        }
        (Geo::Col, "breb_qr") if !text("qr_value").starts_with("000201") => {
            return Err(fields.refuse("qr_value is not an EMVCo payload"));
        }
        (Geo::Col, "cobre_balance") if !text("cobre_tag").starts_with('@') => {
            return Err(fields.refuse("cobre_tag begins with @"));
        }
        (Geo::Mex, "clabe") if !checks::is_clabe(number) => {
            return bad_number("is not a CLABE: 18 digits, the last a check digit");
        }
        (Geo::Mex, "spei_card") if !(checks::is_digits(number, 16, 16) && checks::is_luhn(number)) => {
            return bad_number("is not a card: 16 digits, the last a check digit");
        }
        (Geo::Usa, _) => {
            if !checks::is_aba(text("routing_number")) {
                return Err(fields.refuse("routing_number is not an ABA routing number"));
            }
            if !checks::is_digits(number, 4, 17) {
                return bad_number("must have 4 to 17 digits");
            }
        }
        _ => {}
    }
    let kind = text("counterparty_id_type");
    if !kind.is_empty() && !checks::DOCUMENTS.contains(&kind) {
        return Err(fields.refuse(format!("counterparty_id_type {kind:?} is not known")));
    }
    let document = text("counterparty_id_number");
    let unchecked = document.is_empty() || kind.is_empty() || document == "ND";
    if !unchecked && !checks::is_document(kind, document) {
        return Err(fields.refuse(format!("counterparty_id_number is not a valid {kind}")));
    }
    Ok(())
}
