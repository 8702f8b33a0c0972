//! The connection keywords: one table from which the parser, the documents, the DSN dialog and the tests come.

/// One keyword.
#[derive(Debug)]
pub struct Keyword {
    /// As documents and messages write it. Matched without case, spaces, `_` and `-`.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub kind: Kind,
    /// What holds when it is not given; empty: nothing.
    pub default: &'static str,
    /// Its value must not appear in a message or a log.
    pub secret: bool,
    pub standing: Standing,
    /// One or two sentences for the documents and the DSN dialog.
    pub doc: &'static str,
}

/// What its values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// true, false, yes, no, on, off, 1, 0.
    Flag,
    /// A whole number in `min..=max`, with or without one of the units, which multiply it.
    Number {
        min: u64,
        max: u64,
        units: &'static [(&'static str, u64)],
    },
    /// One of these, without case.
    Choice(&'static [&'static str]),
}

/// Whether it does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Works,
    /// Other drivers' and the driver manager's: accepted without a word, no effect.
    Accepted,
    /// Known, no effect in this version: a warning says so.
    NotYet,
}

const NO_UNIT: &[(&str, u64)] = &[];
const SECONDS: &[(&str, u64)] = &[("s", 1), ("sec", 1), ("seconds", 1)];
const PERCENT: &[(&str, u64)] = &[("%", 1)];
const MEGABYTES: &[(&str, u64)] = &[("MB", 1), ("M", 1), ("GB", 1024), ("G", 1024)];

const fn number(min: u64, max: u64, units: &'static [(&'static str, u64)]) -> Kind {
    Kind::Number { min, max, units }
}

const fn keyword(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Keyword {
    Keyword {
        name,
        aliases: &[],
        kind,
        default,
        secret: false,
        standing: Standing::Works,
        doc,
    }
}

impl Keyword {
    const fn aliases(self, aliases: &'static [&'static str]) -> Keyword {
        Keyword { aliases, ..self }
    }

    const fn secret(self) -> Keyword {
        Keyword { secret: true, ..self }
    }

    const fn standing(self, standing: Standing) -> Keyword {
        Keyword { standing, ..self }
    }
}

const fn accepted(name: &'static str, doc: &'static str) -> Keyword {
    keyword(name, Kind::Text, "", doc).standing(Standing::Accepted)
}

const SQL_SERVERS: &str = "SQL Server's; accepted without effect.";

/// Every keyword, in the order of the documents.
pub const KEYWORDS: &[Keyword] = &[
    keyword(
        "DSN",
        Kind::Text,
        "",
        "The data source whose keywords stand behind those of the connection string.",
    ),
    accepted(
        "DRIVER",
        "The driver's name in odbcinst.ini; the driver manager reads it.",
    ),
    accepted("FILEDSN", "A file of keywords; the driver manager reads it."),
    accepted("SAVEFILE", "Where the driver manager saves the keywords."),
    keyword(
        "Domain",
        Kind::Text,
        "",
        "The org: its host, such as `dev-123456.okta.com`, or its pasted https URL. Required.",
    )
    .aliases(&["Server", "Host", "URL", "OrgUrl"]),
    accepted("Database", "The catalog is always `Okta`; other names are ignored.")
        .aliases(&["Catalog", "InitialCatalog"]),
    keyword(
        "UID",
        Kind::Text,
        "",
        "The user's name, as SQLGetInfo tells it; Okta does not need it. With AuthScheme OAuth, DeviceCode or OAuthJWT it is the \
         client id where OAuthClientId is not given.",
    )
    .aliases(&["User", "Username", "UserID"]),
    keyword(
        "PWD",
        Kind::Text,
        "",
        "The API token, where APIToken is not given. With AuthScheme OAuth or DeviceCode it is the client secret of the client id \
         that UID gives.",
    )
    .aliases(&["Password"])
    .secret(),
    keyword(
        "AuthScheme",
        Kind::Choice(&["APIToken", "OAuth", "OAuthJWT", "DeviceCode", "AccessToken"]),
        "",
        "How to log in. By default OAuth with a client id (OAuthJWT with OAuthJWTCert too) or with a settings file that holds one, \
         else APIToken.",
    ),
    keyword(
        "APIToken",
        Kind::Text,
        "",
        "An API token of Okta (Security > API > Tokens).",
    )
    .aliases(&["Token"])
    .secret(),
    keyword(
        "OAuthAccessToken",
        Kind::Text,
        "",
        "An access token that was obtained elsewhere.",
    )
    .aliases(&["AccessToken"])
    .secret(),
    keyword(
        "OAuthRefreshToken",
        Kind::Text,
        "",
        "A refresh token that was obtained elsewhere; needs OAuthClientId, and InitiateOAuth=REFRESH or GETANDREFRESH.",
    )
    .aliases(&["RefreshToken"])
    .secret(),
    keyword(
        "OAuthVerifier",
        Kind::Text,
        "",
        "The code that the browser came back with, or the whole address, after a login that `okta-odbc login --print-url` began.",
    )
    .secret(),
    keyword(
        "InitiateOAuth",
        Kind::Choice(&["OFF", "REFRESH", "GETANDREFRESH"]),
        "OFF",
        "OFF uses the token that is given or kept; REFRESH renews it too; GETANDREFRESH may open a browser for the first one, also \
         where the application allows no dialog.",
    ),
    keyword("OAuthClientId", Kind::Text, "", "The client id of the app in Okta.").aliases(&["ClientId"]),
    keyword(
        "OAuthClientSecret",
        Kind::Text,
        "",
        "The client secret of the app in Okta, where it has one.",
    )
    .aliases(&["ClientSecret"])
    .secret(),
    keyword(
        "Scope",
        Kind::Text,
        "",
        "The scopes to ask for, separated by spaces; by default those that the tables need.",
    )
    .aliases(&["Scopes"]),
    keyword(
        "CallbackURL",
        Kind::Text,
        "http://localhost:33333",
        "The app's sign-in redirect URI, on this machine, to the letter.",
    ),
    keyword(
        "OAuthSettingsLocation",
        Kind::Text,
        "",
        "The file that keeps tokens, client id and secret of one org and app, or `memory://name` for this process alone; by \
         default a file for each org in the folder `okta-odbc` of the user's configuration.",
    ),
    keyword(
        "OAuthJWTCert",
        Kind::Text,
        "",
        "The private key of a service app: a file, or its text.",
    )
    .secret(),
    keyword(
        "OAuthJWTCertType",
        Kind::Choice(&[
            "AUTO", "PEM", "JWK", "PFX", "PEMKEY_FILE", "PEMKEY_BLOB", "PFXFILE", "PFXBLOB",
        ]),
        "AUTO",
        "The form of OAuthJWTCert; told by its content where it is not given. A BLOB is base64 in place of a file.",
    ),
    keyword("OAuthJWTCertPassword", Kind::Text, "", "The password of OAuthJWTCert.").secret(),
    keyword(
        "OAuthJWTPublicKeyId",
        Kind::Text,
        "",
        "The `kid` of the service app's key.",
    ),
    keyword(
        "DPoP",
        Kind::Choice(&["auto", "true", "false"]),
        "auto",
        "Whether tokens are bound to a key (RFC 9449); auto: where Okta demands it. `on` and `off` are true and false.",
    ),
    keyword(
        "ReadOnly",
        Kind::Flag,
        "true",
        "Refuses every statement that would change Okta.",
    )
    .standing(Standing::NotYet),
    keyword(
        "MaxAffectedRows",
        number(0, u64::MAX, NO_UNIT),
        "100",
        "The most rows that one statement may change.",
    )
    .standing(Standing::NotYet),
    keyword(
        "DryRun",
        Kind::Flag,
        "false",
        "Counts what a statement would change, and changes nothing.",
    )
    .standing(Standing::NotYet),
    keyword(
        "ContinueOnError",
        Kind::Flag,
        "false",
        "Goes on with the next row when one cannot be changed.",
    )
    .standing(Standing::NotYet),
    keyword(
        "WriteInTransaction",
        Kind::Text,
        "warn",
        "What a write inside a transaction does; Okta has none.",
    )
    .standing(Standing::NotYet),
    keyword(
        "Timeout",
        number(1, 86_400, SECONDS),
        "60",
        "Seconds to wait for an answer of Okta, for each try.",
    )
    .aliases(&["ConnectionTimeout", "ConnectTimeout"]),
    keyword(
        "QueryTimeout",
        number(0, 4_294_967_295, SECONDS),
        "0",
        "Seconds that a statement may wait in one call; 0: no limit.",
    )
    .aliases(&["CommandTimeout"]),
    keyword(
        "MaxRows",
        number(0, 4_294_967_295, NO_UNIT),
        "0",
        "The most rows of a result; 0: all.",
    ),
    keyword(
        "PageSize",
        number(0, 10_000, NO_UNIT),
        "0",
        "Rows per request; 0: the largest that Okta takes.",
    ),
    keyword(
        "MaxRetries",
        number(0, 100, NO_UNIT),
        "5",
        "How often a failed read is tried again.",
    ),
    keyword(
        "MaxConcurrency",
        number(1, 35, NO_UNIT),
        "4",
        "Requests in flight per scan. Okta allows 35 to 75 per org.",
    ),
    keyword(
        "RateLimitShare",
        number(1, 100, PERCENT),
        "80",
        "Percent of each rate limit that this program uses.",
    ),
    keyword(
        "MaxRequests",
        number(1, u64::MAX, NO_UNIT),
        "20000",
        "The most requests of one fan-out over parent rows.",
    ),
    keyword(
        "MemoryLimit",
        number(16, 1_048_576, MEGABYTES),
        "512",
        "Megabytes that sorts, aggregates and joins may hold.",
    ),
    keyword(
        "CaseSensitive",
        Kind::Flag,
        "false",
        "Compares all text exactly, not as Okta does.",
    ),
    keyword(
        "MaxVarcharSize",
        number(1, 32_767, NO_UNIT),
        "4000",
        "The longest declared size of a text column, in characters.",
    ),
    keyword(
        "SkipForbidden",
        Kind::Flag,
        "false",
        "Takes a 403 on one parent row for no child rows.",
    ),
    keyword("Tables", Kind::Text, "", "The tables to show; all by default.").standing(Standing::NotYet),
    keyword("AppTables", Kind::Text, "", "Apps whose profiles become tables.").standing(Standing::NotYet),
    keyword(
        "ProxyAutoDetect",
        Kind::Flag,
        "true",
        "Uses the system's proxy (HTTPS_PROXY, ALL_PROXY, NO_PROXY; Windows' settings) where ProxyServer is not given.",
    ),
    keyword(
        "ProxyServer",
        Kind::Text,
        "",
        "The proxy's host, or its URL, such as `socks5h://proxy.example.com:1080`.",
    ),
    keyword(
        "ProxyPort",
        number(1, 65_535, NO_UNIT),
        "",
        "The proxy's port; by default the usual one of its type: 80, 443 or 1080.",
    ),
    keyword(
        "ProxyType",
        Kind::Choice(&["AUTO", "HTTP", "HTTPS", "SOCKS4", "SOCKS4A", "SOCKS5", "SOCKS5H"]),
        "AUTO",
        "What the proxy speaks; AUTO: what ProxyServer's URL says, else HTTP. SOCKS4A and SOCKS5H let the proxy look up Okta's name.",
    ),
    keyword("ProxyUser", Kind::Text, "", "The name that the proxy asks for."),
    keyword("ProxyPassword", Kind::Text, "", "The password that the proxy asks for.").secret(),
    keyword(
        "ProxyExceptions",
        Kind::Text,
        "",
        "Hosts, domains (`*.example.com`) and networks (`10.0.0.0/8`) to reach without the proxy, separated by `;` or `,`.",
    ),
    keyword(
        "SSLServerCert",
        Kind::Text,
        "",
        "A PEM file (or its text) of certificates to trust beside the system's, or the SHA-256 fingerprint of the server's own.",
    ),
    keyword("Logfile", Kind::Text, "", "The file to append a log to."),
    keyword(
        "Verbosity",
        number(0, 5, NO_UNIT),
        "1",
        "What is logged. 0: nothing; 1: errors; 2: connects and warnings; 3: statements and requests; 4: query strings and plans; \
         5: calls of ODBC.",
    ),
    keyword(
        "MaxLogFileSize",
        number(1, 1_048_576, MEGABYTES),
        "100",
        "Megabytes after which a new log begins; the old one is kept with `.1` after its name.",
    ),
    keyword(
        "Charset",
        Kind::Text,
        "",
        "The encoding of SQL_C_CHAR; the platform's by default.",
    ),
    keyword(
        "DriverManagerEncoding",
        Kind::Choice(&["UTF-16", "UTF-32"]),
        "",
        "The driver manager's wide characters, where they are not detected.",
    ),
    accepted("Other", "For support only."),
    accepted("Description", "The data source's description."),
    accepted("Trusted_Connection", SQL_SERVERS),
    accepted("AutoTranslate", SQL_SERVERS),
    accepted("Authentication", SQL_SERVERS),
    accepted("APP", "The application's name; accepted without effect.").aliases(&["ApplicationName"]),
    accepted("MARS_Connection", SQL_SERVERS),
    accepted("Encrypt", "SQL Server's; the way to Okta is always encrypted."),
    accepted(
        "TrustServerCertificate",
        "SQL Server's; certificates are always checked.",
    ),
    accepted("WSID", SQL_SERVERS),
    accepted("LANGUAGE", SQL_SERVERS),
    accepted("Regional", SQL_SERVERS),
    accepted("QuotedId", SQL_SERVERS),
    accepted("AnsiNPW", SQL_SERVERS),
    accepted("Network", SQL_SERVERS),
    accepted("Address", SQL_SERVERS),
    accepted("ApplicationIntent", SQL_SERVERS),
    accepted("MultiSubnetFailover", SQL_SERVERS),
    accepted("LongAsMax", SQL_SERVERS),
    accepted("ColumnEncryption", SQL_SERVERS),
    accepted("PersistSecurityInfo", "OLE DB's; accepted without effect."),
    accepted("Driver64", "iODBC's; accepted without effect."),
    accepted("Setup", "The driver manager's; accepted without effect."),
    accepted("Trace", "The driver manager's; accepted without effect."),
    accepted("TraceFile", "The driver manager's; accepted without effect."),
    accepted("UsageCount", "The driver manager's; accepted without effect."),
    accepted("FileUsage", "The driver manager's; accepted without effect."),
    accepted("Threading", "The driver manager's; accepted without effect."),
    accepted("CPTimeout", "The driver manager's; accepted without effect."),
    accepted("CPReuse", "The driver manager's; accepted without effect."),
    accepted("DontDLClose", "The driver manager's; accepted without effect."),
    accepted("DriverUnicodeType", "iODBC's; accepted without effect."),
    accepted("ConnectFunctions", "The driver manager's; accepted without effect."),
    accepted("APILevel", "The driver manager's; accepted without effect."),
    accepted("DriverODBCVer", "The driver manager's; accepted without effect."),
    accepted("SQLLevel", "The driver manager's; accepted without effect."),
    accepted("LastUser", "Windows'; accepted without effect."),
];

/// The keyword of that name or alias.
pub fn find(name: &str) -> Option<&'static Keyword> {
    let wanted = folded(name);
    KEYWORDS
        .iter()
        .find(|keyword| names(keyword).any(|known| folded(known) == wanted))
}

/// The name or alias most like `name`, if any is like it at all.
pub fn nearest(name: &str) -> Option<&'static str> {
    let wanted = folded(name);
    KEYWORDS
        .iter()
        .flat_map(names)
        .map(|known| (distance(&wanted, &folded(known)), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, known)| *distance <= (known.len().min(wanted.len()) / 3).max(1))
        .map(|(_, known)| known)
}

impl Keyword {
    /// Whether `name` is its own name, and no alias.
    pub fn is_called(&self, name: &str) -> bool {
        folded(self.name) == folded(name)
    }

    /// The number that `text` stands for, units multiplied out.
    pub fn parse_number(&self, text: &str) -> Result<u64, String> {
        let Kind::Number { min, max, units } = self.kind else {
            return Err(self.refusal(text));
        };
        let text = text.trim();
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let unit = text[digits.len()..].trim();
        let factor = match unit {
            "" => Some(1),
            unit => units
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(unit))
                .map(|(_, factor)| *factor),
        };
        let value = digits
            .parse::<u64>()
            .ok()
            .zip(factor)
            .and_then(|(value, factor)| value.checked_mul(factor));
        value
            .filter(|value| (min..=max).contains(value))
            .ok_or_else(|| self.refusal(text))
    }

    pub fn parse_flag(&self, text: &str) -> Result<bool, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(self.refusal(text)),
        }
    }

    /// The choice as the table spells it. Where true and false are among the choices, all that a flag takes stands for them.
    pub fn parse_choice(&self, text: &str) -> Result<&'static str, String> {
        let Kind::Choice(choices) = self.kind else {
            return Err(self.refusal(text));
        };
        let find = |text: &str| choices.iter().find(|choice| choice.eq_ignore_ascii_case(text));
        let as_flag = || find(if self.parse_flag(text).ok()? { "true" } else { "false" });
        let found = find(text.trim()).or_else(as_flag);
        found.copied().ok_or_else(|| self.refusal(text))
    }

    /// Whether `text` can be its value, whatever its kind.
    pub fn check(&self, text: &str) -> Result<(), String> {
        match self.kind {
            Kind::Text => Ok(()),
            Kind::Flag => self.parse_flag(text).map(drop),
            Kind::Number { .. } => self.parse_number(text).map(drop),
            Kind::Choice(_) => self.parse_choice(text).map(drop),
        }
    }

    /// What its values are, for messages and documents.
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Text => "text".into(),
            Kind::Flag => "true or false".into(),
            Kind::Number { min, max: u64::MAX, .. } => format!("a whole number from {min}"),
            Kind::Number { min, max, .. } => format!("a whole number from {min} to {max}"),
            Kind::Choice(choices) => choices.join(", "),
        }
    }

    fn refusal(&self, text: &str) -> String {
        let shown = if self.secret { "***" } else { text };
        format!("{}={shown} is not possible: allowed is {}", self.name, self.allowed())
    }
}

fn names(keyword: &'static Keyword) -> impl Iterator<Item = &'static str> {
    std::iter::once(keyword.name).chain(keyword.aliases.iter().copied())
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, ' ' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_is_unique_and_found_in_any_spelling() {
        let mut seen = std::collections::HashMap::new();
        for keyword in KEYWORDS {
            for name in names(keyword) {
                assert!(seen.insert(folded(name), keyword.name).is_none(), "{name} stands twice");
                for spelling in [
                    name.to_owned(),
                    name.to_uppercase(),
                    format!(" {}", name.to_lowercase()),
                ] {
                    assert_eq!(
                        find(&spelling).map(|found| found.name),
                        Some(keyword.name),
                        "{spelling}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_default_is_a_value_and_every_doc_a_sentence() {
        for keyword in KEYWORDS {
            if !keyword.default.is_empty() {
                assert_eq!(keyword.check(keyword.default), Ok(()), "{}", keyword.name);
            }
            assert!(keyword.doc.ends_with('.'), "{}: {:?}", keyword.name, keyword.doc);
            assert!(
                !keyword.secret || keyword.default.is_empty(),
                "{} is secret with a default",
                keyword.name
            );
        }
    }

    #[test]
    fn every_refusal_names_keyword_and_allowed_values_and_hides_secrets() {
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.kind != Kind::Text) {
            let refusal = keyword.check("no such value").expect_err(keyword.name);
            assert!(
                refusal.contains(keyword.name) && refusal.contains(&keyword.allowed()),
                "{refusal}"
            );
        }
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.secret) {
            assert!(!keyword.refusal("hidden").contains("hidden"), "{}", keyword.name);
        }
    }

    #[test]
    fn numbers_with_and_without_units() {
        for (name, text, value) in [
            ("Timeout", "30", Some(30)),
            ("Timeout", " 30 s ", Some(30)),
            ("Timeout", "0", None),
            ("Timeout", "30 MB", None),
            ("Timeout", "-1", None),
            ("Timeout", "s", None),
            ("RateLimitShare", "50%", Some(50)),
            ("RateLimitShare", "101", None),
            ("MemoryLimit", "1gb", Some(1024)),
            ("MemoryLimit", "512 MB", Some(512)),
            ("MaxRequests", "99999999999999999999999", None),
            ("MemoryLimit", "18446744073709551615 GB", None),
        ] {
            let keyword = find(name).expect(name);
            assert_eq!(keyword.parse_number(text).ok(), value, "{name}={text}");
        }
    }

    #[test]
    fn a_choice_between_true_and_false_takes_what_flags_take() {
        for (name, text, value) in [
            ("DPoP", "on", Some("true")),
            ("DPoP", " OFF ", Some("false")),
            ("DPoP", "yes", Some("true")),
            ("DPoP", "Auto", Some("auto")),
            ("DPoP", "perhaps", None),
            ("InitiateOAuth", "off", Some("OFF")),
            ("InitiateOAuth", "on", None),
        ] {
            let keyword = find(name).expect(name);
            assert_eq!(keyword.parse_choice(text).ok(), value, "{name}={text}");
        }
    }

    #[test]
    fn the_nearest_keyword() {
        for (typed, wanted) in [
            ("Domian", Some("Domain")),
            ("ApiTokn", Some("APIToken")),
            ("maxrow", Some("MaxRows")),
            ("Sever", Some("Server")),
            ("Completely different", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed), wanted, "{typed}");
        }
    }
}
