//! One user of the org, computed from its index.

use super::names::{FIRST, LAST};
use super::profile::PROFILE;
use super::user_type::UserType;
use super::{DAY, FOUNDED, FROZEN, Org, pick};
use crate::json::{Field, Json};

/// Users that share one instant of creation, as an import makes them; sorting by `created` has ties.
pub(crate) const BATCH: u64 = 3;

/// Every 25 users have every status; most are ACTIVE.
const STATUSES: [&str; 25] = {
    let mut statuses = ["ACTIVE"; 25];
    statuses[2] = "STAGED";
    statuses[4] = "DEPROVISIONED";
    statuses[5] = "PROVISIONED";
    statuses[6] = "SUSPENDED";
    statuses[7] = "PASSWORD_EXPIRED";
    statuses[8] = "LOCKED_OUT";
    statuses[9] = "RECOVERY";
    statuses[18] = "DEPROVISIONED";
    statuses
};

/// A property of a user that expressions, sorts and projections can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserField {
    Id,
    Status,
    Created,
    Activated,
    StatusChanged,
    LastLogin,
    LastUpdated,
    PasswordChanged,
    TypeId,
    RealmId,
    /// By its place in `PROFILE`.
    Profile(usize),
}

/// Top-level properties in the order of Okta's answers, up to `type`.
pub(crate) const TOP_LEVEL: &[(&str, UserField)] = &[
    ("id", UserField::Id),
    ("status", UserField::Status),
    ("created", UserField::Created),
    ("activated", UserField::Activated),
    ("statusChanged", UserField::StatusChanged),
    ("lastLogin", UserField::LastLogin),
    ("lastUpdated", UserField::LastUpdated),
    ("passwordChanged", UserField::PasswordChanged),
    ("realmId", UserField::RealmId),
];

/// What of a user goes into an answer (`fields=`, `okta-response=`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Projection {
    /// Names at the top level; none means all.
    pub(crate) top: Option<Vec<String>>,
    /// Names inside the profile; none means all.
    pub(crate) profile: Option<Vec<String>>,
    pub(crate) credentials: bool,
}

impl Projection {
    pub(crate) const ALL: Self = Self {
        top: None,
        profile: None,
        credentials: true,
    };

    fn top(&self, name: &str) -> bool {
        self.top
            .as_ref()
            .is_none_or(|names| names.iter().any(|each| each == name))
    }

    fn profile(&self, name: &str) -> bool {
        self.profile
            .as_ref()
            .is_none_or(|names| names.iter().any(|each| each == name))
    }
}

/// User number `k` of an org.
#[derive(Clone, Copy)]
pub(crate) struct User<'o> {
    pub(crate) org: &'o Org,
    pub(crate) k: u64,
}

impl<'o> User<'o> {
    pub(crate) fn new(org: &'o Org, k: u64) -> Self {
        Self { org, k }
    }

    pub(crate) fn noise(&self, purpose: u64) -> u64 {
        self.org.noise("user", self.k, purpose)
    }

    /// One chance in `n`.
    pub(crate) fn one_in(&self, n: u64, purpose: u64) -> bool {
        self.noise(purpose).is_multiple_of(n)
    }

    pub(crate) fn id(&self) -> String {
        self.org.id("00u", self.k)
    }

    pub(crate) fn status(&self) -> &'static str {
        STATUSES[usize::try_from(self.k % 25).unwrap_or(0)]
    }

    pub(crate) fn is_deprovisioned(&self) -> bool {
        self.status() == "DEPROVISIONED"
    }

    pub(crate) fn first_name(&self) -> (&'static str, &'static str) {
        pick(FIRST, self.noise(1))
    }

    pub(crate) fn last_name(&self) -> (&'static str, &'static str) {
        pick(LAST, self.noise(2))
    }

    pub(crate) fn user_type(&self) -> UserType {
        match self.noise(3) % 20 {
            0 | 1 => UserType::Contractor,
            2 => UserType::Partner,
            _ => UserType::Default,
        }
    }

    pub(crate) fn login(&self) -> String {
        let domain = match self.user_type() {
            UserType::Default => "example.com",
            UserType::Contractor => "contractors.example.net",
            UserType::Partner => "partner.example.org",
        };
        format!("{}.{}.{}@{domain}", self.first_name().1, self.last_name().1, self.k)
    }

    pub(crate) fn created(&self) -> i64 {
        created(self.org, self.k)
    }

    fn never_active(&self) -> bool {
        self.status() == "STAGED"
    }

    fn activated(&self) -> Option<i64> {
        (!self.never_active()).then(|| self.created() + i64::from(self.one_in(3, 4)) * 3_600_000)
    }

    fn status_changed(&self) -> Option<i64> {
        let later = if self.status() == "ACTIVE" {
            0
        } else {
            self.within(5, FROZEN - self.created())
        };
        self.activated().map(|activated| activated + later)
    }

    fn last_login(&self) -> Option<i64> {
        let logged_in = !matches!(self.status(), "STAGED" | "PROVISIONED") && !self.one_in(6, 6);
        let days = if self.one_in(3, 7) { 400 } else { 60 };
        logged_in.then(|| self.org.now - DAY - self.within(8, days * DAY))
    }

    fn password_changed(&self) -> Option<i64> {
        let changed = !matches!(self.status(), "STAGED" | "PROVISIONED");
        changed.then(|| self.created() + self.within(9, FROZEN - self.created()))
    }

    pub(crate) fn last_updated(&self) -> i64 {
        self.created() + self.within(10, FROZEN - self.created())
    }

    /// A time span below `most`, in whole seconds.
    fn within(&self, purpose: u64, most: i64) -> i64 {
        let seconds = u64::try_from(most / 1000).unwrap_or(0).max(1);
        i64::try_from(self.noise(purpose) % seconds).unwrap_or(0) * 1000
    }

    pub(crate) fn field(&self, field: UserField) -> Field {
        match field {
            UserField::Id => Field::owned(self.id()),
            UserField::Status => Field::text(self.status()),
            UserField::Created => Field::Time(self.created()),
            UserField::Activated => Field::time(self.activated()),
            UserField::StatusChanged => Field::time(self.status_changed()),
            UserField::LastLogin => Field::time(self.last_login()),
            UserField::LastUpdated => Field::Time(self.last_updated()),
            UserField::PasswordChanged => Field::time(self.password_changed()),
            UserField::TypeId => Field::owned(self.user_type().id(self.org)),
            UserField::RealmId => Field::owned(self.org.realm_id()),
            UserField::Profile(at) => PROFILE
                .get(at)
                .map_or(Field::Missing, |attribute| attribute.value(self)),
        }
    }

    /// Appends the user as lists show it; `links` writes more links than `self`, as the single GET has.
    pub(crate) fn write(&self, json: &mut Json, base: &str, projection: &Projection, single: bool) {
        let id = self.id();
        json.open(b'{');
        for (name, field) in TOP_LEVEL {
            if *name == "id" || projection.top(name) {
                json.property(name, &self.field(*field));
            }
        }
        if projection.top("type") {
            json.key("type");
            json.open(b'{');
            json.property("id", &self.field(UserField::TypeId));
            json.close(b'}');
        }
        if projection.top("profile") {
            json.key("profile");
            self.write_profile(json, projection);
        }
        if projection.credentials && projection.top("credentials") {
            json.key("credentials");
            json.open(b'{');
            json.key("provider");
            json.open(b'{');
            json.text("type", "OKTA");
            json.text("name", "OKTA");
            json.close(b'}');
            json.close(b'}');
        }
        if projection.top("_links") {
            json.key("_links");
            json.open(b'{');
            if single {
                self.write_single_links(json, base, &id, projection.credentials);
            }
            json.link("self", &[base, "/api/v1/users/", &id]);
            json.close(b'}');
        }
        json.close(b'}');
    }

    fn write_profile(&self, json: &mut Json, projection: &Projection) {
        json.open(b'{');
        let user_type = self.user_type();
        for attribute in PROFILE.iter().filter(|attribute| attribute.belongs_to(user_type)) {
            if projection.profile(attribute.name) {
                json.property(attribute.name, &attribute.value(self));
            }
        }
        json.close(b'}');
    }

    fn write_single_links(&self, json: &mut Json, base: &str, id: &str, credentials: bool) {
        let actions: &[(&str, &str)] = match self.status() {
            "SUSPENDED" => &[("unsuspend", "unsuspend"), ("deactivate", "deactivate")],
            "DEPROVISIONED" | "STAGED" => &[("activate", "activate")],
            "LOCKED_OUT" => &[("unlock", "unlock"), ("deactivate", "deactivate")],
            _ => &[("suspend", "suspend"), ("deactivate", "deactivate")],
        };
        let resets: &[(&str, &str)] = &[("resetPassword", "reset_password"), ("resetFactors", "reset_factors")];
        for (name, path) in actions.iter().chain(if credentials { resets } else { &[] }) {
            json.key(name);
            json.open(b'{');
            json.text("href", &format!("{base}/api/v1/users/{id}/lifecycle/{path}"));
            json.text("method", "POST");
            json.close(b'}');
        }
        let user_type = self.user_type();
        json.link(
            "schema",
            &[base, "/api/v1/meta/schemas/user/", &user_type.schema_id(self.org)],
        );
        json.link("type", &[base, "/api/v1/meta/types/user/", &user_type.id(self.org)]);
    }
}

/// The instant user `k` was created at; it never falls as `k` grows.
fn created(org: &Org, k: u64) -> i64 {
    let span = u64::try_from((FROZEN - FOUNDED) / 1000 - 86_400).unwrap_or(1);
    let seconds = u128::from(k / BATCH * BATCH) * u128::from(span) / u128::from(org.users.max(1));
    FOUNDED + i64::try_from(seconds).unwrap_or(0) * 1000
}

/// The first user created at `instant` or later.
pub(crate) fn first_created_from(org: &Org, instant: i64) -> u64 {
    let (mut low, mut high) = (0, org.users);
    while low < high {
        let middle = low.midpoint(high);
        if created(org, middle) < instant {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The user that an id or a login names; Okta also takes a login without its domain.
pub(crate) fn find<'o>(org: &'o Org, id_or_login: &str) -> Option<User<'o>> {
    if id_or_login == "me" {
        // The API token belongs to the first user.
        return (org.users > 0).then(|| User::new(org, 0));
    }
    if let Some(k) = org.index("00u", org.users, id_or_login) {
        return Some(User::new(org, k));
    }
    let name = id_or_login.split('@').next()?;
    let k: u64 = name.rsplit('.').next()?.parse().ok()?;
    let user = (k < org.users).then(|| User::new(org, k))?;
    let login = user.login().to_lowercase();
    let wanted = id_or_login.to_lowercase();
    (login == wanted || login.split('@').next() == Some(wanted.as_str())).then_some(user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn org(users: u64) -> Org {
        Org::new(
            &Options {
                users,
                ..Options::default()
            },
            FROZEN,
        )
    }

    #[test]
    fn a_user_is_found_by_id_login_and_login_without_domain() {
        let org = org(1000);
        for k in [0, 7, 999] {
            let user = User::new(&org, k);
            assert_eq!(find(&org, &user.id()).map(|found| found.k), Some(k));
            assert_eq!(find(&org, &user.login().to_uppercase()).map(|found| found.k), Some(k));
            let login = user.login();
            assert_eq!(
                find(&org, login.split('@').next().unwrap()).map(|found| found.k),
                Some(k)
            );
        }
        for nobody in ["", "..", "nobody@example.com", "7", "a.b.7@example.com"] {
            assert!(find(&org, nobody).is_none(), "{nobody}");
        }
    }

    #[test]
    fn creation_never_falls_and_its_ties_are_batches() {
        for users in [10, 1000, 5_000_000] {
            let org = org(users);
            for k in 1..users.min(3000) {
                assert!(created(&org, k - 1) <= created(&org, k));
                assert_eq!(
                    created(&org, k - 1) == created(&org, k),
                    !k.is_multiple_of(BATCH),
                    "{k} of {users}"
                );
            }
            let instant = created(&org, users / 2);
            assert_eq!(first_created_from(&org, instant), users / 2 / BATCH * BATCH);
            assert_eq!(first_created_from(&org, i64::MAX), users);
        }
    }

    #[test]
    fn ten_users_have_every_status() {
        let org = org(10);
        let mut statuses: Vec<&str> = (0..10).map(|k| User::new(&org, k).status()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        assert_eq!(statuses.len(), 8);
    }
}
