//! Settings files: who may read them, what is in them, how they are replaced.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::*;
use crate::okta::Secret;

const DOMAIN: &str = "https://x.okta.com";

fn kept(access: &str) -> Kept {
    let mut kept = Kept::of(DOMAIN, "0oa1");
    kept.client_secret = Some(Secret::new("client-secret"));
    kept.access_token = Some(Secret::new(access));
    kept.refresh_token = Some(Secret::new("refresh"));
    kept.scopes = vec!["okta.users.read".into()];
    kept.dpop_key = Some(Secret::new(r#"{"kty":"EC"}"#));
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    kept.set_times(at(1000), at(1300));
    kept
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("settings.json")
    }

    fn location(&self) -> Location {
        Location::File(self.path())
    }

    fn put(&self, text: &str) {
        std::fs::write(self.path(), text).expect("a file");
        mode(&self.path(), 0o600);
    }
}

fn mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode");
}

async fn write(location: &Location, kept: Kept) -> Result<(), Error> {
    location.lock().await?.write(kept).await.map(drop)
}

#[test]
fn a_location_is_memory_or_a_file() {
    for (text, location) in [
        ("memory://a", Location::Memory("a".into())),
        (" MEMORY://b ", Location::Memory("b".into())),
        ("/etc/okta.json", Location::File("/etc/okta.json".into())),
        ("é", Location::File("é".into())),
    ] {
        assert_eq!(Location::parse(text), location);
    }
}

#[tokio::test]
async fn what_is_written_is_read_and_only_its_owner_can_open_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let location = folder.location();
    assert_eq!(location.read().await, Ok(None));
    for access in ["first", "second"] {
        write(&location, kept(access)).await.expect("written");
        assert_eq!(location.read().await, Ok(Some(kept(access))));
        assert_eq!(location.read_now(), Ok(Some(kept(access))));
        let metadata = std::fs::metadata(folder.path()).expect("the file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    let names: Vec<_> = std::fs::read_dir(folder.0.path())
        .expect("the folder")
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert_eq!(names.len(), 2, "the file and its lock: {names:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.0.path().join("a/b/settings.json");
    write(&Location::File(path.clone()), kept("t")).await.expect("written");
    let metadata = std::fs::metadata(path.parent().expect("a folder")).expect("it is there");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_file_that_others_can_open_is_refused_with_the_fix() {
    let folder = Folder::new();
    let location = folder.location();
    write(&location, kept("t")).await.expect("written");
    for bits in [0o640, 0o604, 0o620, 0o602, 0o666] {
        mode(&folder.path(), bits);
        let told = location.read().await.expect_err("refused").to_string();
        assert!(
            told.contains(&format!("chmod 600 {}", folder.path().display())),
            "{told}"
        );
    }
    mode(&folder.path(), 0o400);
    assert_eq!(location.read().await, Ok(Some(kept("t"))));
}

#[tokio::test]
async fn a_folder_that_others_can_write_is_refused_unless_it_is_sticky() {
    let folder = Folder::new();
    let location = folder.location();
    write(&location, kept("t")).await.expect("written");
    for (bits, fine) in [(0o777, false), (0o770, false), (0o1777, true), (0o755, true)] {
        mode(folder.0.path(), bits);
        assert_eq!(location.read().await.is_ok(), fine, "{bits:o}");
        let written = write(&location, kept("t")).await;
        assert_eq!(written.is_ok(), fine, "{bits:o}");
        if let Err(error) = written {
            assert!(error.to_string().contains("chmod go-w"), "{error}");
        }
    }
    mode(folder.0.path(), 0o700);
}

#[tokio::test]
async fn a_link_stays_and_what_it_leads_to_is_checked() {
    let folder = Folder::new();
    let link = folder.0.path().join("link.json");
    std::os::unix::fs::symlink(folder.path(), &link).expect("a link");
    let linked = Location::File(link.clone());
    assert!(linked.read().await.is_err(), "it leads to nothing");
    write(&folder.location(), kept("first")).await.expect("written");
    write(&linked, kept("second")).await.expect("written");
    assert!(
        std::fs::symlink_metadata(&link)
            .expect("the link")
            .file_type()
            .is_symlink()
    );
    assert_eq!(folder.location().read().await, Ok(Some(kept("second"))));
    mode(&folder.path(), 0o644);
    assert!(linked.read().await.is_err());
}

#[tokio::test]
async fn what_is_no_settings_file_is_told_and_left_as_it_is() {
    let folder = Folder::new();
    for (text, told) in [
        ("", "empty"),
        (" \n", "empty"),
        ("{", "JSON"),
        ("[]", "JSON"),
        ("\u{0}\u{1}", "JSON"),
        (r#"{"version":999}"#, "newer driver"),
        (r#"{"version":1,"domain":"hidden","client_id":7}"#, "line 1"),
    ] {
        folder.put(text);
        let error = folder.location().read().await.expect_err(text).to_string();
        assert!(
            error.contains(told) && error.contains("settings.json") && error.contains("okta-odbc login"),
            "{text}: {error}"
        );
        assert!(!error.contains("hidden"), "{error}");
        assert_eq!(std::fs::read_to_string(folder.path()).expect("the file"), text);
    }
}

#[tokio::test]
async fn one_holds_the_lock_and_who_gives_up_waiting_leaves_nothing() {
    let folder = Folder::new();
    for location in [folder.location(), Location::Memory("one_holds_the_lock".into())] {
        let lock = location.lock().await.expect("the lock");
        let waiting = tokio::time::timeout(Duration::from_millis(60), location.lock()).await;
        assert!(waiting.is_err(), "{location}: it is held");
        let lock = lock.write(kept("t")).await.expect("written");
        assert_eq!(lock.read().await, Ok(Some(kept("t"))));
        drop(lock);
        let next = tokio::time::timeout(Duration::from_secs(5), location.lock()).await;
        assert_eq!(
            next.expect("in time").expect("the lock").read().await,
            Ok(Some(kept("t")))
        );
    }
}

/// A forked child has the parent's files open; the lock must not be the child's to keep.
#[tokio::test]
async fn a_lock_that_is_let_go_is_free_though_the_file_is_open_elsewhere() {
    let folder = Folder::new();
    let location = folder.location();
    let Lock::File(lock) = location.lock().await.expect("the lock") else {
        panic!("a file's")
    };
    let inherited = lock.duplicate();
    drop(lock);
    assert!(
        tokio::time::timeout(Duration::from_secs(5), location.lock())
            .await
            .is_ok()
    );
    drop(inherited);
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", kept("hidden-token"));
    for secret in ["hidden-token", "client-secret", "\"refresh\"", "kty"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
