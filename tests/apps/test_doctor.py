"""okta-odbc doctor: what it finds of a healthy org, and what it says of each thing that is not."""

import hashlib
import os
import pathlib
import ssl
import subprocess

import pytest

import okta_org
import secrets_kept
from test_launcher import run


def doctor(url, environment=None, **keywords):
    """With the API token unless `keywords` say how to log in."""
    token = {} if "AuthScheme" in keywords else {"APIToken": okta_org.TOKEN}
    given = "".join(f";{name}={value}" for name, value in (token | keywords).items())
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = run("doctor", "--connect", f"Domain={url}{given}", env=clean | (environment or {}))
    lines = [line.split(None, 1) for line in done.stdout.splitlines()]
    found = {standing: [text for word, text in lines if word == standing] for standing in ("ok", "PROBLEM")}
    assert sum(map(len, found.values())) == len(lines), done.stdout
    assert okta_org.TOKEN not in done.stdout + done.stderr
    return done, found


def one(texts, beginning):
    (text,) = [" ".join(text.split()) for text in texts if text.startswith(beginning)]
    return text


def test_a_healthy_org_has_no_problem(new_sim):
    org = new_sim("--users", 5, "--rate-limit", "/api/v1/groups=50")
    done, found = doctor(org.url)
    assert (done.returncode, done.stderr, found["PROBLEM"]) == (0, "", []), done.stdout
    assert org.url.split("//")[1] in one(found["ok"], "connection")
    # The API token belongs to the first user.
    assert org.truth("Users")[0]["profile"]["login"] in one(found["ok"], "who")
    for table in okta_org.tables().values():
        assert table["scope"] in one(found["ok"], table["name"] + " ")
    assert "GET /api/v1/groups: 49 of 50 left" in one(found["ok"], "rate limit        GET /api/v1/groups:")
    assert one(found["ok"], "clock").endswith("s apart from Okta's")


def test_one_row_is_asked_of_each_list_and_of_one_parents_children(new_sim):
    org = new_sim("--users", 5)
    _, found = doctor(org.url)
    asked = {request["path"]: request["query"] for request in org.requests()}
    tables = okta_org.tables()
    lists, children = [], []
    for table in tables.values():
        (children if "parent" in table else lists).append(table)
    paths = {table["list"]["path"] for table in lists} | {"/api/v1/users/me", "/.well-known/okta-organization"}
    assert paths <= set(asked)
    for table in children:
        # One of the parent's rows, whichever comes first.
        parents = org.truth(table["parent"]["table"])
        path = table["list"]["path"].replace("{" + table["parent"]["column"] + "}", "{}")
        paths |= (own := {path.format(parent["id"]) for parent in parents} & set(asked))
        assert len(own) == 1, (table["name"], asked)
        assert "can be read" in one(found["ok"], table["name"] + " ")
    assert set(asked) == paths
    assert len(org.requests()) == len(paths)
    for table in lists:
        if "page_size" in table["list"]:
            assert "limit=1" in asked[table["list"]["path"]].split("&"), asked


def test_children_of_a_table_without_rows_are_not_tried(new_sim):
    done, found = doctor(new_sim("--users", 5, "--apps", 0).url)
    assert (done.returncode, found["PROBLEM"]) == (0, [])
    for name in ("ApplicationUsers ", "ApplicationGroups "):
        assert "not tried" in one(found["ok"], name) and "Apps, which gave none" in one(found["ok"], name)


def test_a_child_table_that_may_not_be_read_is_a_problem(new_sim):
    done, found = doctor(new_sim("--users", 5, "--fault", "/api/v1/users/{id}/factors=403").url)
    assert done.returncode == 1
    problem = one(found["PROBLEM"], "UserFactors ")
    assert "admin role" in problem and "okta.users.read" in problem
    assert "can be read" in one(found["ok"], "UserGroups ")


def test_each_problem_is_told_with_what_to_do_and_ends_with_1(new_sim):
    org = new_sim("--users", 5)
    for keywords, topic, advice in [
        ({"APIToken": secrets_kept.register("wrong-token-of-the-doctor", "a wrong token")}, "connection", "APIToken"),
        ({"PageSzie": 1}, "keywords", "PageSize"),
        ({"Logfile": "/nonexistent/okta.log"}, "keywords", "Logfile"),
    ]:
        done, found = doctor(org.url, **keywords)
        assert done.returncode == 1 and "1 of these need" in done.stderr, done.stdout
        assert advice in one(found["PROBLEM"], topic)


def test_nobody_there_ends_it_at_once(new_sim):
    org = new_sim()
    org.close()
    done, found = doctor(org.url)
    assert done.returncode == 1 and "cannot be reached" in one(found["PROBLEM"], "address")
    assert not [text for text in found["ok"] if text.startswith("connection")]


@pytest.mark.parametrize(("offset", "said"), [(-600, "ahead of"), (600, "behind")])
def test_a_clock_that_is_off_is_a_problem(new_sim, offset, said):
    done, found = doctor(new_sim("--users", 5, "--clock-offset", offset).url)
    text = one(found["PROBLEM"], "clock")
    assert done.returncode == 1 and said in text and 595 <= int(text.split(" s ")[0].split()[-1]) <= 605


def test_a_table_that_may_not_be_read_is_a_problem_and_its_children_are_not_tried(new_sim):
    done, found = doctor(new_sim("--users", 5, "--fault", "/api/v1/groups=403").url)
    assert done.returncode == 1 and "admin role" in one(found["PROBLEM"], "Groups ")
    assert "not tried" in one(found["ok"], "GroupMembers ")


def certificate(folder):
    """One of 127.0.0.1 that signs itself, and its key."""
    configuration, file, key = folder / "openssl.cnf", folder / "certificate.pem", folder / "key.pem"
    configuration.write_text(
        "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=own\n[dn]\nCN=the-doctors\n"
        "[own]\nbasicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1\n"
    )
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-config", str(configuration), "-keyout", str(key), "-out", str(file)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return file, key


def test_tls_is_shown_with_the_certificate_and_its_fingerprint(new_sim, tmp_path):
    file, key = certificate(tmp_path)
    org = new_sim("--users", 5, "--tls-cert", file, "--tls-key", key)
    der = ssl.PEM_cert_to_DER_cert(pathlib.Path(file).read_text())
    fingerprint = hashlib.sha256(der).hexdigest()
    dates = subprocess.run(["openssl", "x509", "-in", str(file), "-noout", "-enddate", "-dateopt", "iso_8601"], capture_output=True, text=True)
    until = dates.stdout.strip().split("=")[1].replace(" ", "T")
    for trusted in (file, fingerprint):
        done, found = doctor(org.url, SSLServerCert=trusted)
        assert (done.returncode, found["PROBLEM"]) == (0, []), done.stdout
        tls = one(found["ok"], "TLS")
        assert "TLS 1.3" in tls.replace("_", " ").replace("v1", " 1") and "CN=the-doctors" in tls and until in tls, tls
        shown = [text for text in found["ok"] if "fingerprint" in text]
        assert len(shown) == 1 and fingerprint in shown[0].lower().replace(":", "")
    # Nobody vouches for it.
    done, found = doctor(org.url)
    assert done.returncode == 1 and "SSLServerCert" in one(found["PROBLEM"], "address")


def test_a_service_app_is_named_with_the_scopes_that_it_was_granted(new_org, tmp_path):
    import okta_login

    org, _ = new_org()
    file = tmp_path / "key.pem"
    file.write_bytes(okta_login.KEY.as_pem(private=True))
    keywords = {"AuthScheme": "OAuthJWT", "OAuthClientId": "0oaService", "OAuthJWTCert": file, "OAuthJWTPublicKeyId": "rsa-1"}
    done, found = doctor(org.url, **keywords)
    assert (done.returncode, found["PROBLEM"]) == (0, []), done.stdout
    assert one(found["ok"], "who") == "who the app 0oaService, with a private key"
    granted = one(found["ok"], "scopes").removeprefix("scopes granted: ").split()
    assert sorted(granted) == sorted(okta_login.SCOPES)
    done, found = doctor(org.url, **keywords, Scope="okta.users.read")
    assert one(found["ok"], "scopes") == "scopes granted: okta.users.read"
    # What the app lacks a scope for is told table by table.
    problem = one(found["PROBLEM"], "Groups ")
    assert done.returncode == 1 and "lacks the scope okta.groups.read" in problem and "Okta API Scopes" in problem


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"HTTPS_PROXY": "http://user:{}@127.0.0.1:9"}, "127.0.0.1:9 (HTTPS_PROXY)"),
        ({"all_proxy": "socks5://127.0.0.1:9"}, "socks5://127.0.0.1:9 (all_proxy)"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "x.org"}, "http://127.0.0.1:9 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "x.org,192.0.2.0/24"}, "none: NO_PROXY has 192.0.2.1"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": "192.0.2.1"}, "none: no_proxy has 192.0.2.1"),
        ({}, "none that the environment names"),
    ],
)
def test_the_environments_proxy_is_named_with_its_exceptions(variables, shown):
    secret = secrets_kept.register("password-of-the-variable", "HTTPS_PROXY's password")
    environment = {name: value.format(secret) for name, value in variables.items()}
    # Nobody has that address (RFC 5737).
    done, found = doctor("https://192.0.2.1", environment, Timeout=1)
    assert one(found["ok"], "proxy").removeprefix("proxy ").startswith(shown)
    assert secret not in done.stdout + done.stderr
    # The line says what was done: the proxy is not there, or not asked.
    assert ("system's proxy" in one(found["PROBLEM"], "address")) == ("none" not in shown), done.stdout


def test_this_machine_is_reached_without_the_environments_proxy(new_sim):
    done, found = doctor(new_sim("--users", 5).url, {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"})
    assert (done.returncode, found["PROBLEM"]) == (0, []), done.stdout
    assert "none: 127.0.0.1 is this machine" in one(found["ok"], "proxy")


def test_the_probe_is_in_the_log(new_sim, tmp_path):
    log = tmp_path / "okta.log"
    doctor(new_sim("--users", 5).url, Logfile=log, Verbosity=3)
    lines = [line for line in log.read_text().splitlines() if "/.well-known/okta-organization" in line]
    assert len(lines) == 1 and " request " in lines[0] and " status=" in lines[0] and lines[0].endswith(" try=1"), lines


def test_arguments():
    assert run("doctor").returncode == 1
    assert run("doctor", "--dsn", "no-such-source").returncode == 1


@pytest.mark.parametrize("keywords", [{"ProxyServer": "http://user:{}@proxy.example.com", "ProxyExceptions": "*"}])
def test_a_proxy_is_named_without_its_password(new_sim, keywords):
    secret = secrets_kept.register("password-of-the-proxy", "ProxyPassword")
    keywords["ProxyServer"] = keywords["ProxyServer"].format(secret)
    done, found = doctor(new_sim("--users", 5).url, **keywords)
    assert one(found["ok"], "proxy") == "proxy http://proxy.example.com:80 (ProxyServer)"
    assert secret not in done.stdout + done.stderr
