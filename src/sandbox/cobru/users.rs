//! White label: categories, new users of a brand, and the codes that confirm them (contract 13).

use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::pay::looks_like_email;
use super::state::{NewUser, UserIx};

/// The code that every phone and mailbox of the sandbox gets [inf].
const CODE: i64 = 123_456;

const CATEGORIES: [(i64, &str); 4] =
    [(66, "Comercio al por menor"), (71, "Servicios"), (84, "Alimentos y bebidas"), (99, "Construcción")];

/// Id, category, name.
const SUBCATEGORIES: [(i64, i64, &str); 8] = [
    (661, 66, "Ferretería"),
    (662, 66, "Papelería"),
    (711, 71, "Transporte"),
    (712, 71, "Salud"),
    (841, 84, "Panadería"),
    (842, 84, "Restaurante"),
    (991, 99, "Obra civil"),
    (992, 99, "Acabados"),
];

fn listed(rows: impl Iterator<Item = (i64, &'static str)>) -> Answer {
    let rows = rows.map(|(id, name)| Object::new().integer("id", id).text("name", name).end());
    Answer::ok(Object::new().flag("error", false).raw("message", &json::array(rows)).end())
}

/// `GET /category/` [doc].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn categories(_: &mut World, _: &Call<'_>) -> Reply {
    Ok(listed(CATEGORIES.into_iter()))
}

/// `GET /subcategory?category_id=66`: without a slash at its end [doc].
pub fn subcategories(_: &mut World, call: &Call<'_>) -> Reply {
    let id = call.query("category_id").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Answer::field("category_id", super::body::REQUIRED))?;
    let id: i64 = id.parse().map_err(|_| Answer::field("category_id", "A valid integer is required."))?;
    Ok(listed(SUBCATEGORIES.into_iter().filter(|row| row.1 == id).map(|row| (row.0, row.2))))
}

/// `POST /user/`: a user of a brand, whose name gets the brand in front [doc]. Errors stand under
/// `message` here [code·tx].
pub fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let fields = call.fields()?;
    let username = fields.words("username", Need::Required, 100);
    let first_name = fields.words("first_name", Need::Required, 150);
    let last_name = fields.words("last_name", Need::Required, 150);
    let email = fields.words("email", Need::Required, 254);
    let password = fields.words("password", Need::Required, 128);
    let phone = fields.words("phone", Need::Required, 30);
    let document_type = fields.words("document_type", Need::Required, 10);
    fields.words("document_number", Need::Required, 40);
    fields.words("country_code", Need::Required, 10);
    let brand = fields.words("brand", Need::Required, 50);
    if email.as_deref().is_some_and(|email| !looks_like_email(email)) {
        fields.wrong("email", "Enter a valid email address.");
    }
    if let Some(given) = document_type.filter(|given| !matches!(given.as_str(), "0" | "1" | "2" | "3" | "4"))
    {
        fields.wrong("document_type", &format!("\"{given}\" is not a valid choice."));
    }
    if phone
        .as_deref()
        .is_some_and(|phone| phone.len() < 7 || !phone.bytes().all(|byte| byte.is_ascii_digit()))
    {
        fields.wrong("phone", "Enter a valid phone number.");
    }
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.+-_".contains(&byte));
    for (name, value) in [("username", &username), ("brand", &brand)] {
        if value.as_deref().is_some_and(|value| !plain(value)) {
            fields.wrong(name, "Enter a valid value: letters, digits and @/./+/-/_ only.");
        }
    }
    let stored = format!("{}-{}", brand.unwrap_or_default(), username.unwrap_or_default());
    if world.cobru.users.iter().any(|user| user.username == stored) {
        fields.wrong("username", "A user with that username already exists.");
    }
    fields.check().map_err(|errors| under_message(&errors))?;
    let key = super::auth::presented_key(call).unwrap_or_default().to_owned();
    let new = NewUser {
        phone: phone.unwrap_or_default(),
        username: stored,
        password: password.unwrap_or_default(),
        first_name: first_name.unwrap_or_default(),
        last_name: last_name.unwrap_or_default(),
        email: email.unwrap_or_default(),
        api_key: key,
        city: "Bogotá D.C.".to_owned(),
        postal_code: "110111".to_owned(),
        mcc: "0000".to_owned(),
        verified: false,
    };
    let user = world.cobru.add_user(&mut world.ledger, new);
    let user = world.cobru.user(user);
    let message = Object::new()
        .integer("id", user.id)
        .text("email", &user.email)
        .text("first_name", &user.first_name)
        .text("last_name", &user.last_name)
        .null("gender")
        .null("gender_legal")
        .text("username", &user.username);
    let body = Object::new()
        .flag("error", false)
        .raw("message", &message.end())
        .integer("status", 201)
        .text("username", &user.username);
    Ok(Answer::created(body.end()))
}

fn under_message(errors: &Answer) -> Answer {
    let errors = String::from_utf8_lossy(&errors.body);
    Answer::json(400, Object::new().flag("error", true).raw("message", &errors).end())
}

/// `POST /request_confirmation/`: sends the codes [doc·st].
pub fn request_confirmation(_: &mut World, call: &Call<'_>, _: UserIx) -> Reply {
    let fields = call.fields()?;
    fields.flag("phone", Need::Optional);
    fields.flag("email", Need::Optional);
    fields.check()?;
    Ok(Answer::result(200, "OK"))
}

fn is_code_right(call: &Call<'_>) -> Result<(), Answer> {
    let fields = call.fields()?;
    let code = fields.integer("code", Need::Required, i64::MIN, i64::MAX);
    fields.check()?;
    if code == Some(CODE) { Ok(()) } else { Err(Answer::error(400, "Código inválido")) }
}

/// `POST /verify_email/` [doc·st].
pub fn verify_email(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    is_code_right(call)?;
    world.cobru.user_mut(user).email_verified = true;
    Ok(Answer::result(200, "OK"))
}

/// `POST /verify_phone/` [doc·st].
pub fn verify_phone(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    is_code_right(call)?;
    world.cobru.user_mut(user).phone_verified = true;
    Ok(Answer::result(200, "OK"))
}
