//! `/sim/truth/{resource}`: every row of a resource as JSON lines, children with the keys of their parents.

use std::sync::Arc;

use crate::json::Json;
use crate::org::Org;
use crate::org::app::App;
use crate::org::event::event;
use crate::org::factor::factors;
use crate::org::group::Group;
use crate::org::user::{Projection, User};
use crate::org::user_type::UserType;

/// Lines of a resource, some at a time.
pub(crate) type Lines = Box<dyn Iterator<Item = Vec<u8>> + Send + Sync>;

const CHUNK: u64 = 256;

/// The lines of a resource; none if there is no such resource.
pub(crate) fn lines(org: &Arc<Org>, resource: &str, base: &str) -> Option<Lines> {
    let (org, base) = (Arc::clone(org), base.to_owned());
    match resource {
        "users" => Some(chunks(org.users, move |json, k| {
            User::new(&org, k).write(json, &base, &Projection::ALL, false);
            json.newline();
        })),
        "groups" => Some(chunks(org.groups, move |json, g| {
            Group::new(&org, g).write(json, &base, None, None);
            json.newline();
        })),
        "groupMembers" => Some(chunks(org.groups, move |json, g| {
            let group = Group::new(&org, g);
            for k in group.members(0) {
                let mut member = Json::with_capacity(2048);
                User::new(&org, k).write(&mut member, &base, &Projection::ALL, false);
                json.child("groupId", &group.id(), &member.into_bytes());
            }
        })),
        "apps" => Some(chunks(org.apps, move |json, a| {
            json.value(&App::new(&org, a).to_value(&base));
            json.newline();
        })),
        "appUsers" => Some(chunks(org.apps, move |json, a| {
            let app = App::new(&org, a);
            for (k, assignment) in app.users(0) {
                let row = app.user_value(&base, &User::new(&org, k), &assignment);
                json.child("appId", &app.id(), row.to_string().as_bytes());
            }
        })),
        "appGroups" => Some(chunks(org.apps, move |json, a| {
            let app = App::new(&org, a);
            for (at, g) in app.groups().into_iter().enumerate() {
                json.child(
                    "appId",
                    &app.id(),
                    app.group_value(&base, g, at + 1).to_string().as_bytes(),
                );
            }
        })),
        "userFactors" => Some(chunks(org.users, move |json, k| {
            let user = User::new(&org, k);
            for factor in factors(&user, &base) {
                json.child("userId", &user.id(), factor.to_string().as_bytes());
            }
        })),
        "userGroups" => Some(chunks(org.users, move |json, k| {
            let user = User::new(&org, k);
            for group in (0..org.groups)
                .map(|g| Group::new(&org, g))
                .filter(|group| group.has(&user))
            {
                let mut row = Json::with_capacity(1024);
                group.write(&mut row, &base, None, None);
                json.child("userId", &user.id(), &row.into_bytes());
            }
        })),
        "logs" => Some(chunks(org.log_events, move |json, i| {
            json.value(&event(&org, i));
            json.newline();
        })),
        "userTypes" => Some(chunks(1, move |json, _| {
            for user_type in UserType::ALL {
                json.value(&user_type.to_value(&org, &base));
                json.newline();
            }
        })),
        _ => None,
    }
}

fn chunks(count: u64, write: impl Fn(&mut Json, u64) + Send + Sync + 'static) -> Lines {
    let starts = (0..count.div_ceil(CHUNK)).map(move |chunk| {
        let mut json = Json::with_capacity(64 * 1024);
        for index in chunk * CHUNK..count.min((chunk + 1) * CHUNK) {
            write(&mut json, index);
        }
        json.into_bytes()
    });
    Box::new(starts)
}
