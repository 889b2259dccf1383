use super::*;
use crate::json::parse;

const DATE: &str = r#","dateTime":"2025-01-01""#;
const SCOPE: &str = r#","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"research"}]}"#;

fn consent(status: &str, more: &str) -> Result<ConsentRow, Unread> {
    let text = format!(r#"{{"resourceType":"Consent","status":"{status}"{more}}}"#);
    read(&parse(text.as_bytes()).unwrap())
}
fn active(more: &str) -> Result<Decision, Unread> {
    consent("active", &format!("{DATE}{SCOPE}{more}")).map(|row| row.decision)
}
fn policy(code: &str) -> String {
    format!(r#","policyRule":{{"coding":[{{"system":"{ACT_CODE}","code":"{code}"}}]}}"#)
}
fn policy_elsewhere(code: &str) -> String {
    policy(code).replace(ACT_CODE, "http://example.org/rules")
}
fn provision(text: &str) -> String {
    format!(r#","provision":{{{text}}}"#)
}

#[test]
fn base_rules_and_provisions() {
    use Decision::*;
    let (permit, deny) = (r#""type":"permit""#, r#""type":"deny""#);
    for (more, expected) in [
        (provision(permit), Ok(Permit)),
        (provision(deny), Ok(Deny)),
        (policy("OPTIN"), Ok(Permit)),
        (policy("OPTOUT"), Ok(Deny)),
        (policy("OPTIN") + &provision(permit), Ok(Permit)),
        (policy("OPTOUT") + &provision(deny), Ok(Deny)),
        (policy("OPTIN") + &provision(deny), Ok(Deny)),
        (
            policy("OPTOUT") + &provision(permit),
            Err(Unread::Contradiction),
        ),
        (policy("hipaa-auth") + &provision(permit), Ok(Permit)),
        (policy("hipaa-auth"), Err(Unread::NoDecision)),
        (policy_elsewhere("OPTIN"), Err(Unread::NoDecision)),
        (policy_elsewhere("OPTOUT"), Ok(Deny)),
        (policy("OPTINR"), Err(Unread::Exceptions)),
        (policy("OPTOUTE"), Err(Unread::Exceptions)),
        (String::new(), Err(Unread::NoDecision)),
        (provision(""), Err(Unread::NoDecision)),
        (provision(r#""type":"perhaps""#), Err(Unread::NoDecision)),
        (
            policy("OPTIN") + &provision(r#""_type":{"extension":[]}"#),
            Err(Unread::NoDecision),
        ),
        (
            policy("OPTIN") + r#","_decision":{"extension":[]}"#,
            Err(Unread::NoDecision),
        ),
        (
            provision(r#""type":"permit","period":{"start":"2020","_end":{"extension":[]}}"#),
            Err(Unread::Period),
        ),
    ] {
        assert_eq!(active(&more), expected, "{more}");
    }
}

#[test]
fn what_narrows_or_excepts_cannot_be_read_exactly() {
    for decision in ["permit", "deny"] {
        let root = format!(r#""type":"{decision}""#);
        for name in [
            "actor",
            "action",
            "purpose",
            "data",
            "dataPeriod",
            "class",
            "code",
            "securityLabel",
        ] {
            let more = provision(&format!(r#"{root},"{name}":[{{}}]"#));
            assert_eq!(active(&more), Err(Unread::Narrowed), "{more}");
        }
        let nested = |inner: &str| provision(&format!(r#"{root},"provision":[{{{inner}}}]"#));
        let other = if decision == "permit" {
            "deny"
        } else {
            "permit"
        };
        assert_eq!(
            active(&nested(&format!(r#""type":"{other}""#))),
            Err(Unread::Exceptions)
        );
        assert_eq!(active(&nested("")), Err(Unread::Exceptions));
        assert_eq!(
            active(&nested(&format!(r#"{root},"period":{{"start":"2020"}}"#))),
            Err(Unread::Exceptions)
        );
        assert!(active(&nested(&root)).is_ok());
    }
    let modified = r#","modifierExtension":[{}]"#;
    assert_eq!(
        active(&format!("{}{modified}", policy("OPTIN"))),
        Err(Unread::Modifier)
    );
}

#[test]
fn status_and_date() {
    let permit = format!("{SCOPE}{}", provision(r#""type":"permit""#));
    for (status, expected) in [
        ("inactive", Ok(Decision::Deny)),
        ("rejected", Ok(Decision::Deny)),
        ("draft", Err(Unread::NotInForce)),
        ("proposed", Err(Unread::NotInForce)),
        ("entered-in-error", Err(Unread::NotInForce)),
        ("not-done", Err(Unread::NotInForce)),
        ("unknown", Err(Unread::StatusUnknown)),
        ("", Err(Unread::StatusUnknown)),
    ] {
        assert_eq!(
            consent(status, &format!("{DATE}{permit}")).map(|r| r.decision),
            expected,
            "{status}"
        );
    }
    for date in [
        "",
        r#","dateTime":"soon""#,
        r#","dateTime":"2025-01-01","date":"2025-01-01""#,
        r#","dateTime":"2025-01-01T10:00:00""#,
    ] {
        assert_eq!(
            consent("active", &format!("{date}{permit}")),
            Err(Unread::Undated),
            "{date}"
        );
    }
    let row = consent("active", &format!(r#","dateTime":"2025"{permit}"#)).unwrap();
    assert_eq!(row.when.last_day - row.when.first_day, 364);
}

#[test]
fn scopes_are_exact_for_permissions_and_wide_for_denials() {
    let with = |scope: &str, kind: &str| {
        consent(
            "active",
            &format!("{DATE}{scope}{}", provision(&format!(r#""type":"{kind}""#))),
        )
    };
    let bare = r#","scope":{"coding":[{"code":"research"}]}"#;
    assert_eq!(with(bare, "permit"), Err(Unread::NoScope));
    assert_eq!(with("", "permit"), Err(Unread::NoScope));
    assert_eq!(
        with(r#","scope":{"text":"research"}"#, "permit"),
        Err(Unread::NoScope)
    );
    let denied = with(bare, "deny").unwrap();
    assert_eq!(
        (
            denied.scope[0].system.as_deref(),
            denied.scope[0].code.as_str()
        ),
        (None, "research")
    );
    assert!(with("", "deny").unwrap().scope.is_empty());
    assert!(with(SCOPE, "permit").unwrap().scope[0].system.is_some());
    let unverified = format!(r#"{SCOPE},"verification":[{{"verified":false}}]"#);
    assert_eq!(with(&unverified, "permit"), Err(Unread::NotVerified));
    assert!(with(&unverified, "deny").is_ok());
}

#[test]
fn periods() {
    let with = |period: &str| {
        consent(
            "active",
            &format!(
                "{DATE}{SCOPE}{}",
                provision(&format!(r#""type":"permit","period":{period}"#))
            ),
        )
    };
    let row = with(r#"{"start":"2015-01-01","end":"2020-01-01"}"#).unwrap();
    assert!(row.start.is_some_and(|m| m.first_day == 16436) && row.end.is_some());
    assert!(with(r#"{"end":"2020"}"#).unwrap().start.is_none());
    for bad in [
        "{}",
        r#"{"start":"x"}"#,
        r#"{"start":"2021","end":"2020"}"#,
        r#""2020""#,
        r#"{"end":5}"#,
    ] {
        assert_eq!(with(bad), Err(Unread::Period), "{bad}");
    }
}

#[test]
fn release_5_decides_at_the_top() {
    let five = |more: &str| {
        consent(
            "active",
            &format!(r#","subject":{{}},"date":"2025-01-01"{more}"#),
        )
        .map(|r| r.decision)
    };
    let category = r#","category":[{"coding":[{"system":"s","code":"research"}]}]"#;
    let with =
        |decision: &str, more: &str| five(&format!(r#"{category},"decision":"{decision}"{more}"#));
    assert_eq!(with("permit", ""), Ok(Decision::Permit));
    assert_eq!(with("deny", ""), Ok(Decision::Deny));
    assert_eq!(
        with("permit", r#","period":{"end":"2026"}"#),
        Ok(Decision::Permit)
    );
    for decision in ["permit", "deny"] {
        assert_eq!(
            with(decision, r#","provision":[{"purpose":[{}]}]"#),
            Err(Unread::Exceptions)
        );
    }
    assert_eq!(five(r#","decision":"permit""#), Err(Unread::NoScope));
    assert_eq!(five(category), Err(Unread::NoDecision));
}

#[test]
fn denials_come_first_at_one_time() {
    let row = |decision: &str, date: &str| {
        let more = format!(
            r#","dateTime":"{date}"{SCOPE}{}"#,
            provision(&format!(r#""type":"{decision}""#))
        );
        consent("active", &more).unwrap()
    };
    for (rows, expected) in [
        (vec![], None),
        (
            vec![("permit", "2020-01-01"), ("deny", "2025-01-01")],
            Some(Decision::Deny),
        ),
        (
            vec![("deny", "2020-01-01"), ("permit", "2025-01-01")],
            Some(Decision::Permit),
        ),
        (
            vec![("deny", "2025-01-01"), ("permit", "2025-01-01")],
            Some(Decision::Deny),
        ),
        (
            vec![("permit", "2025-06-01"), ("deny", "2025")],
            Some(Decision::Deny),
        ),
    ] {
        let mut rows: Vec<ConsentRow> = rows.into_iter().map(|(d, t)| row(d, t)).collect();
        assert_eq!(last(&rows), expected);
        rows.reverse();
        assert_eq!(last(&rows), expected);
    }
}

#[test]
fn only_what_was_in_force_takes_back() {
    assert!(
        !Unread::NotInForce.withholds()
            && Unread::Exceptions.withholds()
            && Unread::Undated.withholds()
    );
    assert!(Unread::Narrowed.words().len() > 10);
}
