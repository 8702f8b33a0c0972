//! The profile of users as one table: schema and value of each attribute, base and custom.

use serde_json::{Map, Value, json};

use super::names::{DEPARTMENTS, PLACES, SKILLS, TEAMS, TITLES};
use super::user::User;
use super::user_type::UserType;
use super::{Org, pick};
use crate::json::{Field, timestamp_text};

/// JSON type of an attribute in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Bool,
    Int,
    Number,
    TextList,
}

/// One attribute of a user's profile.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
    /// minLength and maxLength in the schema.
    length: Option<(u32, u32)>,
    format: Option<&'static str>,
    /// The types whose custom schema has the attribute; base attributes have none here.
    custom: &'static [UserType],
    compute: fn(&User) -> Field,
}

impl Attribute {
    const fn base(name: &'static str, title: &'static str, compute: fn(&User) -> Field) -> Self {
        Self {
            name,
            title,
            kind: Kind::Text,
            length: None,
            format: None,
            custom: &[],
            compute,
        }
    }

    const fn custom(
        name: &'static str,
        title: &'static str,
        kind: Kind,
        types: &'static [UserType],
        compute: fn(&User) -> Field,
    ) -> Self {
        Self {
            name,
            title,
            kind,
            length: None,
            format: None,
            custom: types,
            compute,
        }
    }

    const fn length(mut self, least: u32, most: u32) -> Self {
        self.length = Some((least, most));
        self
    }

    const fn format(mut self, format: &'static str) -> Self {
        self.format = Some(format);
        self
    }

    pub(crate) fn is_custom(&self) -> bool {
        !self.custom.is_empty()
    }

    pub(crate) fn belongs_to(&self, user_type: UserType) -> bool {
        self.custom.is_empty() || self.custom.contains(&user_type)
    }

    pub(crate) fn value(&self, user: &User) -> Field {
        if self.belongs_to(user.user_type()) {
            (self.compute)(user)
        } else {
            Field::Missing
        }
    }

    fn schema(&self) -> Value {
        let kind = match self.kind {
            Kind::Text => "string",
            Kind::Bool => "boolean",
            Kind::Int => "integer",
            Kind::Number => "number",
            Kind::TextList => "array",
        };
        let mut schema = Map::new();
        schema.insert("title".into(), self.title.into());
        if self.is_custom() {
            schema.insert("description".into(), self.title.into());
        }
        schema.insert("type".into(), kind.into());
        if self.kind == Kind::TextList {
            schema.insert("items".into(), json!({ "type": "string" }));
        }
        if let Some(format) = self.format {
            schema.insert("format".into(), format.into());
        }
        if REQUIRED.contains(&self.name) || self.name == "lastName" {
            schema.insert("required".into(), true.into());
        }
        schema.insert("mutability".into(), "READ_WRITE".into());
        schema.insert("scope".into(), "NONE".into());
        if let Some((least, most)) = self.length {
            if least > 0 {
                schema.insert("minLength".into(), least.into());
            }
            schema.insert("maxLength".into(), most.into());
        }
        schema.insert(
            "permissions".into(),
            json!([{ "principal": "SELF", "action": "READ_ONLY" }]),
        );
        schema.insert("master".into(), json!({ "type": "PROFILE_MASTER" }));
        Value::Object(schema)
    }
}

const REQUIRED: [&str; 3] = ["login", "firstName", "email"];
const DEFAULT: &[UserType] = &[UserType::Default];
const DEFAULT_AND_CONTRACTOR: &[UserType] = &[UserType::Default, UserType::Contractor];

/// Attributes in the order of Okta's answers; those without a value for most users are Okta's base attributes all the same.
pub(crate) static PROFILE: &[Attribute] = &[
    Attribute::base("login", "Username", |user| Field::owned(user.login())).length(5, 100),
    Attribute::base("email", "Primary email", email).format("email"),
    Attribute::base("firstName", "First name", |user| Field::text(user.first_name().0)).length(1, 50),
    Attribute::base("lastName", "Last name", |user| Field::text(user.last_name().0)).length(1, 50),
    Attribute::base("mobilePhone", "Mobile phone", mobile_phone).length(0, 100),
    Attribute::base("secondEmail", "Secondary email", second_email).format("email"),
    Attribute::base("middleName", "Middle name", |_| Field::Missing),
    Attribute::base("honorificPrefix", "Honorific prefix", |user| rare(user, 50, 20, "Dr.")),
    Attribute::base("honorificSuffix", "Honorific suffix", |_| Field::Missing),
    Attribute::base("title", "Title", title),
    Attribute::base("displayName", "Display name", display_name),
    Attribute::base("nickName", "Nickname", |user| rare(user, 9, 21, "Ace")),
    Attribute::base("profileUrl", "Profile Url", |_| Field::Missing).format("uri"),
    Attribute::base("primaryPhone", "Primary phone", |_| Field::Missing).length(0, 100),
    Attribute::base("streetAddress", "Street address", street_address),
    Attribute::base("city", "City", |user| some(user, 8, 22, place(user).0)),
    Attribute::base("state", "State", |user| {
        place(user).1.map_or(Field::Missing, Field::text)
    }),
    Attribute::base("zipCode", "Zip code", |user| {
        Field::owned(format!("{:05}", user.noise(23) % 100_000))
    }),
    Attribute::base("countryCode", "Country code", |user| Field::text(place(user).2)).format("country-code"),
    Attribute::base("postalAddress", "Postal Address", |_| Field::Missing),
    Attribute::base("preferredLanguage", "Preferred language", |user| {
        rare(user, 5, 24, "de")
    })
    .format("language-code"),
    Attribute::base("locale", "Locale", |user| rare(user, 4, 25, place(user).4)).format("locale"),
    Attribute::base("timezone", "Time zone", |user| some(user, 3, 26, place(user).3)).format("timezone"),
    Attribute::base("userType", "User type", |user| {
        rare(user, 2, 27, user.user_type().names().1)
    }),
    Attribute::base("employeeNumber", "Employee number", |user| {
        Field::owned(format!("E{:07}", user.k))
    }),
    Attribute::base("costCenter", "Cost center", |user| rare(user, 3, 28, "4711")),
    Attribute::base("organization", "Organization", |user| {
        rare(user, 2, 29, "Example Corp.")
    }),
    Attribute::base("division", "Division", |_| Field::Missing),
    Attribute::base("department", "Department", department),
    Attribute::base("managerId", "ManagerId", |user| {
        manager(user).map_or(Field::Missing, |boss| Field::owned(boss.login()))
    }),
    Attribute::base("manager", "Manager", |_| Field::Missing),
    Attribute::custom(
        "costCentre",
        "Cost centre",
        Kind::Text,
        DEFAULT_AND_CONTRACTOR,
        cost_centre,
    )
    .length(1, 40),
    Attribute::custom("badgeActive", "Badge active", Kind::Bool, DEFAULT, badge_active),
    Attribute::custom("seatNumber", "Seat number", Kind::Int, DEFAULT, seat_number),
    Attribute::custom(
        "contractHours",
        "Contract hours",
        Kind::Number,
        DEFAULT_AND_CONTRACTOR,
        contract_hours,
    ),
    Attribute::custom("skills", "Skills", Kind::TextList, DEFAULT, skills),
    Attribute::custom("favouriteTeam", "Favourite team", Kind::Text, DEFAULT, |user| {
        rare(user, 12, 36, pick(TEAMS, user.noise(37)))
    }),
    Attribute::custom("agency", "Agency", Kind::Text, &[UserType::Contractor], |user| {
        some(user, 4, 38, "Temps & Co")
    }),
    Attribute::custom("partnerTier", "Partner tier", Kind::Int, &[UserType::Partner], |user| {
        Field::Int(1 + i64::from(user.one_in(2, 39)))
    }),
];

/// The text for one user in `n`, missing for the others.
fn rare(user: &User, n: u64, purpose: u64, text: &'static str) -> Field {
    if user.one_in(n, purpose) {
        Field::text(text)
    } else {
        Field::Missing
    }
}

/// The text, missing for one user in `n`.
fn some(user: &User, n: u64, purpose: u64, text: &'static str) -> Field {
    if user.one_in(n, purpose) {
        Field::Missing
    } else {
        Field::text(text)
    }
}

fn place(
    user: &User,
) -> (
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
    &'static str,
    f64,
    f64,
) {
    pick(PLACES, user.noise(40))
}

fn manager<'o>(user: &User<'o>) -> Option<User<'o>> {
    (user.k > 0 && !user.one_in(10, 41)).then(|| User::new(user.org, user.k / 8))
}

fn email(user: &User) -> Field {
    let login = user.login();
    Field::owned(if user.one_in(7, 42) {
        login.replacen('@', "+mail@", 1)
    } else {
        login
    })
}

fn mobile_phone(user: &User) -> Field {
    if user.one_in(2, 43) {
        Field::Null
    } else {
        Field::owned(format!("+1 555-{:04}", user.noise(44) % 10_000))
    }
}

fn second_email(user: &User) -> Field {
    if user.one_in(5, 45) {
        Field::owned(format!("{}.{}@mail.example", user.first_name().1, user.k))
    } else {
        Field::Null
    }
}

fn title(user: &User) -> Field {
    some(user, 6, 46, pick(TITLES, user.noise(47)))
}

fn display_name(user: &User) -> Field {
    if user.one_in(4, 48) {
        return Field::Missing;
    }
    Field::owned(format!("{} {}", user.first_name().0, user.last_name().0))
}

fn street_address(user: &User) -> Field {
    if user.one_in(3, 49) {
        Field::owned(format!("{} Main Street\nFloor {}", user.k % 977, user.k % 40))
    } else {
        Field::Missing
    }
}

fn department(user: &User) -> Field {
    some(user, 9, 50, pick(DEPARTMENTS, user.noise(51)))
}

fn cost_centre(user: &User) -> Field {
    if user.one_in(5, 30) {
        return Field::Missing;
    }
    let region = pick(&["EU", "EU", "US", "APAC", "eu"], user.noise(31));
    Field::owned(format!("{region}-{:04}", user.noise(52) % 400))
}

fn badge_active(user: &User) -> Field {
    if user.one_in(8, 32) {
        Field::Missing
    } else {
        Field::Bool(!user.one_in(4, 53))
    }
}

fn seat_number(user: &User) -> Field {
    if user.one_in(7, 33) {
        Field::Missing
    } else {
        Field::Int(i64::try_from(user.noise(54) % 5000).unwrap_or(0) - 100)
    }
}

fn contract_hours(user: &User) -> Field {
    if user.one_in(7, 34) {
        Field::Missing
    } else {
        Field::Number(pick(&[40.0, 38.5, 20.25, 32.0, 0.5], user.noise(55)))
    }
}

fn skills(user: &User) -> Field {
    match user.noise(35) % 5 {
        0 => Field::Missing,
        1 => Field::List(Vec::new()),
        count => Field::List(
            (1..count)
                .map(|n| pick(SKILLS, user.noise(56) + n * 3).into())
                .collect(),
        ),
    }
}

/// The schema of a user type, in the shape of `/api/v1/meta/schemas/user/{id}`.
pub(crate) fn schema(org: &Org, user_type: UserType, base: &str) -> Value {
    let properties = |custom: bool| -> Map<String, Value> {
        let attributes = PROFILE
            .iter()
            .filter(|attribute| attribute.is_custom() == custom && attribute.belongs_to(user_type));
        attributes
            .map(|attribute| (attribute.name.to_owned(), attribute.schema()))
            .collect()
    };
    let (name, title, description) = user_type.names();
    let own = format!("{base}/api/v1/meta/schemas/user/{}", user_type.schema_id(org));
    let of_type = format!("{base}/api/v1/meta/types/user/{}", user_type.id(org));
    let id = if user_type == UserType::Default {
        "default".to_owned()
    } else {
        user_type.schema_id(org)
    };
    json!({
        "id": format!("{base}/meta/schemas/user/{id}"),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": name,
        "title": title,
        "description": description,
        "lastUpdated": timestamp_text(user_type.created()),
        "created": timestamp_text(user_type.created()),
        "definitions": {
            "custom": { "id": "#custom", "type": "object", "properties": properties(true), "required": [] },
            "base": { "id": "#base", "type": "object", "properties": properties(false), "required": REQUIRED },
        },
        "type": "object",
        "properties": { "profile": { "allOf": [{ "$ref": "#/definitions/custom" }, { "$ref": "#/definitions/base" }] } },
        "_links": {
            "self": { "rel": "self", "href": own, "method": "GET" },
            "type": { "rel": "type", "href": of_type, "method": "GET" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use crate::org::FROZEN;

    #[test]
    fn every_value_has_the_type_its_schema_says() {
        let org = Org::new(
            &Options {
                users: 2000,
                ..Options::default()
            },
            FROZEN,
        );
        for attribute in PROFILE {
            let mut present = 0;
            for k in 0..2000 {
                let value = attribute.value(&User::new(&org, k));
                let fits = match (&value, attribute.kind) {
                    (Field::Missing | Field::Null, _) => true,
                    (Field::Text(text), Kind::Text) => attribute
                        .length
                        .is_none_or(|(_, most)| text.chars().count() <= most as usize),
                    (Field::Bool(_), Kind::Bool) | (Field::Int(_), Kind::Int) => true,
                    (Field::Number(_), Kind::Number) | (Field::List(_), Kind::TextList) => true,
                    _ => false,
                };
                assert!(fits, "{} of user {k}: {value:?}", attribute.name);
                present += usize::from(!matches!(value, Field::Missing | Field::Null));
            }
            assert!(
                !attribute.is_custom() || (1..2000).contains(&present),
                "{}: {present}",
                attribute.name
            );
        }
    }
}
