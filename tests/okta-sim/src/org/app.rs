//! One app of the org, and the users and groups that are assigned to it.

use serde_json::{Value, json};

use super::group::Group;
use super::user::User;
use super::{DAY, FOUNDED, FROZEN, Org, pick};
use crate::json::timestamp_text;

/// Name, label, sign-on mode of the kinds of apps.
const KINDS: &[(&str, &str, &str)] = &[
    ("oidc_client", "Payroll", "OPENID_CONNECT"),
    ("salesforce", "Salesforce", "SAML_2_0"),
    ("bookmark", "Cafeteria", "BOOKMARK"),
    ("template_swa", "Box", "BROWSER_PLUGIN"),
    ("template_basic_auth", "Old Wiki", "BASIC_AUTH"),
    ("zoomus", "Zoom", "SAML_2_0"),
    ("oidc_client", "Kundenportal Zürich", "OPENID_CONNECT"),
    ("okta_org_swa_1", "Reisekosten", "AUTO_LOGIN"),
];
/// How thinly apps take users directly.
const STEPS: [u64; 6] = [5, 9, 25, 60, 300, 0];
const MOST_GROUPS: u64 = 4;
/// Repeated in long profiles; 23 characters, of one to four bytes, so that pieces of any even size end within some of them.
const NOTES: &str = "Zoë’s 李 and Ω: 🎉 über. ";

/// App number `a`.
#[derive(Clone, Copy)]
pub(crate) struct App<'o> {
    pub(crate) org: &'o Org,
    pub(crate) a: u64,
}

/// How a user came to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Assignment {
    Direct,
    /// Through the group of this number.
    Through(u64),
}

impl<'o> App<'o> {
    pub(crate) fn new(org: &'o Org, a: u64) -> Self {
        Self { org, a }
    }

    pub(crate) fn find(org: &'o Org, id: &str) -> Option<Self> {
        org.index("0oa", org.apps, id).map(|a| Self::new(org, a))
    }

    fn noise(&self, purpose: u64) -> u64 {
        self.org.noise("app", self.a, purpose)
    }

    pub(crate) fn id(&self) -> String {
        self.org.id("0oa", self.a)
    }

    fn kind(&self) -> (&'static str, &'static str, &'static str) {
        KINDS[usize::try_from(self.a).unwrap_or(0) % KINDS.len()]
    }

    pub(crate) fn name(&self) -> &'static str {
        self.kind().0
    }

    pub(crate) fn label(&self) -> String {
        if self.a < KINDS.len() as u64 {
            self.kind().1.to_owned()
        } else {
            format!("{} {}", self.kind().1, self.a)
        }
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.a % 6 == 4 { "INACTIVE" } else { "ACTIVE" }
    }

    fn created(&self) -> i64 {
        FOUNDED + DAY * 10 + i64::try_from(self.noise(1) % 2000).unwrap_or(0) * DAY
    }

    pub(crate) fn signing_key(&self) -> String {
        format!("{:016x}{:016x}", self.noise(2), self.noise(3))
    }

    fn direct(&self) -> (u64, u64) {
        let step = pick(&STEPS, self.noise(4));
        (if step == 0 { 0 } else { self.noise(5) % step }, step)
    }

    /// The groups assigned to the app, most important first.
    pub(crate) fn groups(&self) -> Vec<u64> {
        let mut groups = Vec::new();
        for n in 0..self.noise(6) % MOST_GROUPS {
            let g = self.noise(7 + n) % self.org.groups;
            if !groups.contains(&g) {
                groups.push(g);
            }
        }
        groups
    }

    pub(crate) fn assignment(&self, user: &User) -> Option<Assignment> {
        self.assignment_among(user, &self.groups())
    }

    fn assignment_among(&self, user: &User, groups: &[u64]) -> Option<Assignment> {
        let (offset, step) = self.direct();
        if user.is_deprovisioned() {
            return None;
        }
        if step > 0 && user.k >= offset && (user.k - offset).is_multiple_of(step) {
            return Some(Assignment::Direct);
        }
        groups
            .iter()
            .find(|g| Group::new(self.org, **g).has(user))
            .map(|g| Assignment::Through(*g))
    }

    /// The users of the app from `from` on, by id.
    pub(crate) fn users(&self, from: u64) -> impl Iterator<Item = (u64, Assignment)> + use<'o> {
        let (app, groups) = (*self, self.groups());
        let users = from..app.org.users;
        users.filter_map(move |k| Some((k, app.assignment_among(&User::new(app.org, k), &groups)?)))
    }

    pub(crate) fn to_value(self, base: &str) -> Value {
        let (id, (name, _, mode)) = (self.id(), self.kind());
        let api = format!("{base}/api/v1/apps/{id}");
        let lifecycle = if self.status() == "ACTIVE" {
            "deactivate"
        } else {
            "activate"
        };
        let mut app = json!({
            "id": id,
            "orn": format!("orn:okta:idp:{}:apps:{name}:{id}", self.org.id("00o", 0)),
            "name": name,
            "label": self.label(),
            "status": self.status(),
            "lastUpdated": timestamp_text(self.created() + i64::try_from(self.noise(20) % 500).unwrap_or(0) * DAY),
            "created": timestamp_text(self.created()),
            "accessibility": { "selfService": false, "errorRedirectUrl": null, "loginRedirectUrl": null },
            "visibility": {
                "autoLaunch": false,
                "autoSubmitToolbar": mode == "BROWSER_PLUGIN",
                "hide": { "iOS": false, "web": self.a.is_multiple_of(3) },
                "appLinks": { "login": true },
            },
            "features": if name == "salesforce" { json!(["IMPORT_NEW_USERS", "PUSH_NEW_USERS"]) } else { json!([]) },
            "signOnMode": mode,
            "credentials": { "userNameTemplate": { "template": "${source.login}", "type": "BUILT_IN" }, "signing": {} },
            "settings": {
                "app": {},
                "notifications": { "vpn": { "network": { "connection": "DISABLED" }, "message": null, "helpUrl": null } },
                "manualProvisioning": false,
                "implicitAssignment": false,
                "emOptInStatus": "NONE",
                "notes": { "admin": if self.a.is_multiple_of(2) { json!("Ask \"IT\" first") } else { Value::Null }, "enduser": null },
            },
            "universalLogout": { "status": "UNSUPPORTED" },
            "_links": {
                "accessPolicy": { "href": format!("{base}/api/v1/policies/{}", self.org.id("rst", 0)) },
                "appLinks": [{ "name": "login", "href": format!("{base}/home/{name}/{id}/aln1"), "type": "text/html" }],
                "logo": [{ "name": "medium", "href": "https://op3static.oktacdn.com/assets/img/logos/default.png", "type": "image/png" }],
                "groups": { "href": format!("{api}/groups") },
                "policies": { "href": format!("{api}/policies"), "hints": { "allow": ["PUT"] } },
                "profileEnrollment": { "href": format!("{base}/api/v1/policies/{}", self.org.id("rst", 1)) },
                "uploadLogo": { "href": format!("{api}/logo"), "hints": { "allow": ["POST"] } },
                "users": { "href": format!("{api}/users") },
            },
        });
        if let Some(profile) = self.profile() {
            app["profile"] = profile;
        }
        app["_links"][lifecycle] = json!({ "href": format!("{api}/lifecycle/{lifecycle}") });
        self.add_sign_on(&mut app, mode, &id);
        app
    }

    /// Custom properties, an object of any shape in Okta's documentation: here one text that makes the object as long as asked for.
    fn profile(&self) -> Option<Value> {
        let length = *usize::try_from(self.a)
            .ok()
            .and_then(|a| self.org.app_profiles.get(a))?;
        let around = json!({ "notes": "" }).to_string().len();
        let notes: String = NOTES.chars().cycle().take(length.saturating_sub(around)).collect();
        Some(json!({ "notes": notes }))
    }

    fn add_sign_on(&self, app: &mut Value, mode: &str, id: &str) {
        match mode {
            "OPENID_CONNECT" => {
                app["credentials"]["signing"] = json!({ "kid": self.signing_key() });
                app["credentials"]["oauthClient"] = json!({
                    "autoKeyRotation": true,
                    "client_id": id,
                    "token_endpoint_auth_method": "client_secret_basic",
                    "pkce_required": false,
                });
                app["settings"]["oauthClient"] = json!({
                    "client_uri": null,
                    "logo_uri": null,
                    "redirect_uris": ["https://example.com/callback"],
                    "response_types": ["code"],
                    "grant_types": ["authorization_code"],
                    "application_type": "web",
                    "consent_method": "TRUSTED",
                    "issuer_mode": "ORG_URL",
                    "idp_initiated_login": { "mode": "DISABLED", "default_scope": [] },
                    "wildcard_redirect": "DISABLED",
                    "dpop_bound_access_tokens": false,
                    "participate_slo": false,
                });
            }
            "SAML_2_0" => {
                app["credentials"]["signing"] = json!({ "kid": self.signing_key() });
                app["settings"]["signOn"] = json!({
                    "defaultRelayState": null,
                    "ssoAcsUrlOverride": null,
                    "audienceOverride": null,
                    "recipientOverride": null,
                    "destinationOverride": null,
                    "attributeStatements": [],
                });
            }
            "BOOKMARK" => {
                app["settings"]["app"] = json!({ "requestIntegration": false, "url": "https://example.com/cafeteria" })
            }
            "AUTO_LOGIN" => {
                app["settings"]["signOn"] = json!({ "loginUrl": "https://example.com/login", "redirectUrl": "" });
                app["credentials"]["scheme"] = json!("EDIT_USERNAME_AND_PASSWORD");
                app["credentials"]["revealPassword"] = json!(true);
            }
            _ => {
                app["credentials"]["scheme"] = json!("EDIT_USERNAME_AND_PASSWORD");
                app["credentials"]["revealPassword"] = json!(false);
                app["settings"]["app"] = match mode {
                    "BASIC_AUTH" => json!({
                        "authURL": "https://example.com/auth.html",
                        "loginUrlRegex": null,
                        "url": "https://example.com/login.html",
                    }),
                    _ => json!({
                        "url": "https://example.com/login.html",
                        "usernameField": "user",
                        "passwordField": "pass",
                        "buttonField": "go",
                        "loginUrlRegex": null,
                    }),
                };
            }
        }
    }

    /// A user's assignment, as `/apps/{id}/users` shows it.
    pub(crate) fn user_value(&self, base: &str, user: &User, assignment: &Assignment) -> Value {
        let (app_id, user_id) = (self.id(), user.id());
        let noise = self.org.noise("appUser", self.a, user.k);
        let assigned = self.created().max(user.created()) + DAY;
        let provisioned = self.name() == "salesforce";
        let mut links = json!({
            "app": { "href": format!("{base}/api/v1/apps/{app_id}") },
            "user": { "href": format!("{base}/api/v1/users/{user_id}") },
        });
        if let Assignment::Through(g) = assignment {
            let group = Group::new(self.org, *g);
            links["group"] = json!({ "name": group.name(), "href": format!("{base}/api/v1/groups/{}", group.id()) });
        }
        let mut value = json!({
            "id": user_id,
            "externalId": if provisioned { json!(format!("005{noise:015x}")) } else { Value::Null },
            "created": timestamp_text(assigned),
            "lastUpdated": timestamp_text(assigned.max(FROZEN - i64::try_from(noise % 900).unwrap_or(0) * DAY)),
            "scope": if *assignment == Assignment::Direct { "USER" } else { "GROUP" },
            "status": if provisioned { "PROVISIONED" } else { "ACTIVE" },
            "statusChanged": timestamp_text(assigned),
            "passwordChanged": null,
            "syncState": if provisioned { "SYNCHRONIZED" } else { "DISABLED" },
        });
        if provisioned {
            value["lastSync"] = json!(timestamp_text(assigned + DAY));
        }
        value["credentials"] = json!({ "userName": user.login() });
        value["profile"] = match self.kind().2 {
            "OPENID_CONNECT" => json!({
                "email": user.login(),
                "given_name": user.first_name().0,
                "family_name": user.last_name().0,
                "name": format!("{} {}", user.first_name().0, user.last_name().0),
                "locale": "en_US",
                "zoneinfo": null,
            }),
            "SAML_2_0" => {
                json!({ "email": user.login(), "firstName": user.first_name().0, "lastName": user.last_name().0 })
            }
            _ => json!({}),
        };
        value["_links"] = links;
        value
    }

    /// A group's assignment, as `/apps/{id}/groups` shows it.
    pub(crate) fn group_value(&self, base: &str, g: u64, priority: usize) -> Value {
        let (app_id, group_id) = (self.id(), Group::new(self.org, g).id());
        let profile = if self.name() == "salesforce" {
            json!({ "role": "Standard User", "seats": priority })
        } else {
            json!({})
        };
        json!({
            "id": group_id,
            "lastUpdated": timestamp_text(self.created() + DAY * 2),
            "priority": priority,
            "profile": profile,
            "_links": {
                "app": { "href": format!("{base}/api/v1/apps/{app_id}") },
                "self": { "href": format!("{base}/api/v1/apps/{app_id}/groups/{group_id}") },
                "group": { "href": format!("{base}/api/v1/groups/{group_id}") },
            },
        })
    }
}
