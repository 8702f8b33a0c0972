//! One group of the org and who belongs to it.

use serde_json::{Map, Value, json};

use super::names::{DEPARTMENTS, PLACES};
use super::user::User;
use super::{DAY, FOUNDED, FROZEN, Org, pick};
use crate::json::{Field, Json, timestamp_text};

/// How thinly groups take users: every second, every third … none.
const STEPS: [u64; 10] = [2, 3, 7, 11, 20, 50, 100, 400, 1000, 0];

/// Group number `g`; 0 is Everyone.
#[derive(Clone, Copy)]
pub(crate) struct Group<'o> {
    pub(crate) org: &'o Org,
    pub(crate) g: u64,
}

impl<'o> Group<'o> {
    pub(crate) fn new(org: &'o Org, g: u64) -> Self {
        Self { org, g }
    }

    pub(crate) fn find(org: &'o Org, id: &str) -> Option<Self> {
        org.index("00g", org.groups, id).map(|g| Self::new(org, g))
    }

    pub(crate) fn noise(&self, purpose: u64) -> u64 {
        self.org.noise("group", self.g, purpose)
    }

    pub(crate) fn id(&self) -> String {
        self.org.id("00g", self.g)
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self.g {
            0 => "BUILT_IN",
            g if g % 5 == 4 => "APP_GROUP",
            _ => "OKTA_GROUP",
        }
    }

    pub(crate) fn name(&self) -> String {
        match (self.g, usize::try_from(self.g)) {
            (0, _) => "Everyone".to_owned(),
            (_, Ok(g)) if g <= DEPARTMENTS.len() => DEPARTMENTS[g - 1].to_owned(),
            _ => format!(
                "{} {} {}",
                pick(DEPARTMENTS, self.noise(1)),
                pick(PLACES, self.noise(2)).0,
                self.g
            ),
        }
    }

    fn description(&self) -> Field {
        match self.noise(3) % 4 {
            _ if self.g == 0 => Field::text("All users in your organization"),
            0 => Field::Null,
            1 => Field::text(""),
            _ => Field::owned(format!("People of \"{}\"", self.name())),
        }
    }

    /// The app that an APP_GROUP is imported from.
    fn source(&self) -> Option<String> {
        (self.kind() == "APP_GROUP" && self.org.apps > 0).then(|| self.org.id("0oa", self.noise(4) % self.org.apps))
    }

    pub(crate) fn created(&self) -> i64 {
        let span = u64::try_from((FROZEN - FOUNDED) / 1000 - 86_400).unwrap_or(1);
        let seconds = u128::from(self.g) * u128::from(span) / u128::from(self.org.groups);
        FOUNDED + i64::try_from(seconds).unwrap_or(0) * 1000
    }

    fn later(&self, purpose: u64) -> i64 {
        let days = u64::try_from((FROZEN - self.created()) / DAY).unwrap_or(0).max(1);
        self.created() + i64::try_from(self.noise(purpose) % days).unwrap_or(0) * DAY
    }

    /// Every `step`-th user from `offset` on; a step of 0 takes none.
    fn progression(&self) -> (u64, u64) {
        if self.g == 0 {
            return (0, 1);
        }
        let step = if self.g == 1 { 7 } else { pick(&STEPS, self.noise(5)) };
        (if step == 0 { 0 } else { self.noise(6) % step }, step)
    }

    /// The users of the group's progression from `from` on, by id; deactivated ones have left.
    pub(crate) fn members(&self, from: u64) -> impl Iterator<Item = u64> + use<'o> {
        let org = self.org;
        let (offset, step) = self.progression();
        let first = if from <= offset || step == 0 {
            offset
        } else {
            offset + (from - offset).div_ceil(step) * step
        };
        let end = if step == 0 { first } else { org.users };
        let step = usize::try_from(step.max(1)).unwrap_or(usize::MAX);
        (first..end.max(first))
            .step_by(step)
            .filter(move |k| !User::new(org, *k).is_deprovisioned())
    }

    pub(crate) fn has(&self, user: &User) -> bool {
        let (offset, step) = self.progression();
        step > 0 && user.k >= offset && (user.k - offset).is_multiple_of(step) && !user.is_deprovisioned()
    }

    fn has_admin_privilege(&self) -> bool {
        self.g == 9 || (self.g > 0 && self.noise(7).is_multiple_of(40))
    }

    pub(crate) fn profile(&self) -> Vec<(&'static str, Field)> {
        let mut profile = vec![("name", Field::owned(self.name())), ("description", self.description())];
        if self.kind() == "APP_GROUP" {
            let name = self.name();
            profile.push(("samAccountName", Field::owned(name.clone())));
            profile.push(("dn", Field::owned(format!("CN={name},OU=Groups,DC=example,DC=com"))));
            profile.push(("windowsDomainQualifiedName", Field::owned(format!("EXAMPLE\\{name}"))));
            profile.push(("externalId", Field::owned(format!("{:024x}", self.noise(8)))));
            return profile;
        }
        if self.g > 0 && !self.noise(9).is_multiple_of(3) {
            profile.push((
                "groupContact",
                Field::owned(User::new(self.org, self.g % self.org.users.max(1)).login()),
            ));
        }
        if self.noise(10).is_multiple_of(2) {
            profile.push(("maxSeats", Field::Int(i64::try_from(self.noise(11) % 500).unwrap_or(0))));
        }
        if self.noise(12).is_multiple_of(2) {
            profile.push(("isPrivate", Field::Bool(self.noise(13).is_multiple_of(2))));
        }
        profile
    }

    /// A property by the name that `search` and `filter` use.
    pub(crate) fn field(&self, name: &str) -> Field {
        match name {
            "id" => Field::owned(self.id()),
            "type" => Field::text(self.kind()),
            "created" => Field::Time(self.created()),
            "lastUpdated" => Field::Time(self.later(14)),
            "lastMembershipUpdated" => Field::Time(self.later(15)),
            "source.id" => self.source().map_or(Field::Missing, Field::owned),
            _ => match name.strip_prefix("profile.") {
                Some(attribute) => self
                    .profile()
                    .into_iter()
                    .find(|(each, _)| *each == attribute)
                    .map_or(Field::Missing, |(_, field)| field),
                None => Field::Missing,
            },
        }
    }

    /// Appends the group as lists show it, with what `expand` names embedded.
    pub(crate) fn write(&self, json: &mut Json, base: &str, stats: Option<u64>, app: Option<Value>) {
        let id = self.id();
        json.open(b'{');
        json.text("id", &id);
        for name in ["created", "lastUpdated", "lastMembershipUpdated"] {
            json.property(name, &self.field(name));
        }
        let class = if self.kind() == "APP_GROUP" {
            "okta:windows_security_principal"
        } else {
            "okta:user_group"
        };
        json.property("objectClass", &Field::List(vec![class.into()]));
        json.text("type", self.kind());
        json.key("profile");
        json.open(b'{');
        for (name, field) in self.profile() {
            json.property(name, &field);
        }
        json.close(b'}');
        let source = self.source();
        if let Some(source) = &source {
            json.key("source");
            json.value(&json!({ "id": source }));
        }
        self.write_embedded(json, base, &id, stats, app);
        json.key("_links");
        json.open(b'{');
        json.key("logo");
        json.value(&logos());
        json.link("users", &[base, "/api/v1/groups/", &id, "/users"]);
        json.link("apps", &[base, "/api/v1/groups/", &id, "/apps"]);
        if self.kind() != "BUILT_IN" {
            json.link("owners", &[base, "/api/v1/groups/", &id, "/owners"]);
        }
        if let Some(source) = &source {
            json.link("source", &[base, "/api/v1/apps/", source]);
        }
        json.close(b'}');
        json.close(b'}');
    }

    fn write_embedded(&self, json: &mut Json, base: &str, id: &str, stats: Option<u64>, app: Option<Value>) {
        let mut embedded = Map::new();
        if let Some(apps) = stats {
            let value = json!({
                "usersCount": self.members(0).count(),
                "appsCount": apps,
                "groupPushMappingsCount": 0,
                "hasAdminPrivilege": self.has_admin_privilege(),
                "_links": { "self": { "href": format!("{base}/api/v1/groups/{id}/stats") } },
            });
            embedded.insert("stats".to_owned(), value);
        }
        if let Some(app) = app {
            embedded.insert("app".to_owned(), app);
        }
        if !embedded.is_empty() {
            json.key("_embedded");
            json.value(&Value::Object(embedded));
        }
    }
}

fn logos() -> Value {
    let logo = |size: &str| json!({ "name": size, "href": format!("https://op3static.oktacdn.com/assets/img/logos/groups/odyssey/okta-{size}.png"), "type": "image/png" });
    json!([logo("medium"), logo("large")])
}

/// Name, title and JSON type of the profile attributes of groups; the first two are Okta's own.
pub(crate) const ATTRIBUTES: [(&str, &str, &str); 5] = [
    ("name", "Name", "string"),
    ("description", "Description", "string"),
    ("groupContact", "Group administrative contact", "string"),
    ("maxSeats", "Most members", "integer"),
    ("isPrivate", "Private", "boolean"),
];
const BASE_ATTRIBUTES: usize = 2;

/// `/api/v1/meta/schemas/group/default`.
pub(crate) fn schema(base: &str) -> Value {
    let properties = |attributes: &[(&str, &str, &str)]| -> Map<String, Value> {
        let schema = |(name, title, kind): &(&str, &str, &str)| {
            let mut schema = json!({
                "title": title,
                "description": title,
                "type": kind,
                "mutability": "READ_WRITE",
                "scope": "NONE",
                "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }],
                "master": { "type": "PROFILE_MASTER" },
            });
            if let (Some(schema), Some(most)) = (
                schema.as_object_mut(),
                [("name", 255), ("description", 1024)]
                    .iter()
                    .find(|(each, _)| each == name),
            ) {
                schema.insert("maxLength".to_owned(), most.1.into());
            }
            ((*name).to_owned(), schema)
        };
        attributes.iter().map(schema).collect()
    };
    json!({
        "id": format!("{base}/meta/schemas/group/default"),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "group",
        "title": "Okta group",
        "description": "Okta group profile template",
        "lastUpdated": timestamp_text(FOUNDED + DAY),
        "created": timestamp_text(FOUNDED),
        "definitions": {
            "custom": { "id": "#custom", "type": "object", "properties": properties(&ATTRIBUTES[BASE_ATTRIBUTES..]), "required": [] },
            "base": { "id": "#base", "type": "object", "properties": properties(&ATTRIBUTES[..BASE_ATTRIBUTES]), "required": ["name"] },
        },
        "type": "object",
        "properties": { "profile": { "allOf": [{ "$ref": "#/definitions/custom" }, { "$ref": "#/definitions/base" }] } },
        "_links": { "self": { "rel": "self", "href": format!("{base}/api/v1/meta/schemas/group/default"), "method": "GET" } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    #[test]
    fn members_of_a_group_are_the_users_whose_groups_name_it() {
        let org = Org::new(
            &Options {
                users: 300,
                groups: 40,
                ..Options::default()
            },
            FROZEN,
        );
        let mut empty = 0;
        for g in 0..40 {
            let group = Group::new(&org, g);
            let members: Vec<u64> = group.members(0).collect();
            let expected: Vec<u64> = (0..300).filter(|k| group.has(&User::new(&org, *k))).collect();
            assert_eq!(members, expected, "group {g}");
            let later: Vec<u64> = expected.iter().copied().filter(|k| *k >= 150).collect();
            assert_eq!(group.members(150).collect::<Vec<_>>(), later, "group {g} from 150");
            empty += usize::from(members.is_empty());
        }
        assert!((1..20).contains(&empty), "{empty} empty groups");
    }
}
