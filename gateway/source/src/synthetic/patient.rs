//! One synthetic patient.

use crate::date;
use rand::{Rng, RngCore};
use serde_json::{Value, json};

/// The day the clinic's data ends: 2025-12-31.
const END: i32 = 20_453;
const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// A normal deviate in integers: the sum of twelve uniform ones.
fn normal(rng: &mut impl RngCore, mean: i64, deviation: i64) -> i64 {
    let sum: i64 = (0..12).map(|_| i64::from(rng.r#gen::<u16>())).sum();
    mean + deviation * (sum - 6 * 65_535) / 65_535
}

fn chance(rng: &mut impl RngCore, percent: u32) -> bool {
    rng.gen_range(0..100) < percent
}

fn uuid(rng: &mut impl RngCore) -> String {
    let mut b = [0u8; 16];
    rng.fill_bytes(&mut b);
    b[6] = b[6] & 0x0f | 0x40;
    b[8] = b[8] & 0x3f | 0x80;
    let h = hex::encode(b);
    format!(
        "{}-{}-{}-{}-{}",
        &h[..8],
        &h[8..12],
        &h[12..16],
        &h[16..20],
        &h[20..]
    )
}

fn tenths(value: i64) -> Value {
    // Below 2^53, so that the shortest decimal form of the quotient is the decimal itself.
    json!(value as f64 / 10.0)
}

/// What is known of the patient before anything is written down.
struct Course {
    id: String,
    age: i64,
    diabetes: bool,
    smoking: &'static [&'static str; 2],
    visits: Vec<i32>,
}

const NEVER: [&str; 2] = ["266919005", "Never smoker"];
const FORMER: [&str; 2] = ["8517006", "Former smoker"];
const CURRENT: [&str; 2] = ["449868002", "Current every day smoker"];

impl Course {
    fn draw(rng: &mut impl RngCore) -> Self {
        let age = normal(rng, 54, 15).clamp(18, 92);
        let percent = match age {
            ..40 => 18,
            40..=65 => 52,
            _ => 60,
        };
        let diabetes = chance(rng, percent);
        let smoking = match rng.gen_range(0..100) {
            0..56 => &NEVER,
            56..83 => &FORMER,
            _ => &CURRENT,
        };
        let n = rng.gen_range(1..=if diabetes { 6 } else { 3 });
        let mut visits: Vec<i32> = (0..n).map(|_| END - rng.gen_range(0..1_000)).collect();
        visits.sort_unstable();
        visits.dedup();
        Course {
            id: uuid(rng),
            age,
            diabetes,
            smoking,
            visits,
        }
    }
}

/// The Bundle of one patient.
pub(super) fn bundle(rng: &mut impl RngCore, permits: bool) -> Value {
    let course = Course::draw(rng);
    let mut resources = vec![patient(rng, &course)];
    for (i, day) in course.visits.iter().enumerate() {
        visit(rng, &course, *day, i == 0, &mut resources);
    }
    conditions(rng, &course, &mut resources);
    resources.push(consent(rng, &course, permits));
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|resource| {
            let of = |name| {
                resource
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let url = format!("urn:uuid:{}", of("id"));
            let request = json!({"method": "POST", "url": of("resourceType")});
            json!({"fullUrl": url, "request": request, "resource": resource})
        })
        .collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn patient(rng: &mut impl RngCore, course: &Course) -> Value {
    // Born between `age` and `age + 1` years before 2026-01-01.
    let born = END + 1 - (course.age * 36_525 / 100) as i32 - rng.gen_range(1..365);
    let gender = if chance(rng, 51) { "female" } else { "male" };
    let number = rng.gen_range(100_000..1_000_000);
    json!({
        "resourceType": "Patient", "id": course.id, "gender": gender, "birthDate": date::print(born),
        "identifier": [{"system": "urn:oid:2.999.1", "value": format!("SYN-{number}-{}", &course.id[..8])}],
        "name": [{"use": "official", "family": format!("Synthetic{number}"), "given": ["Nobody"]}],
    })
}

fn day(day: i32) -> Value {
    json!(date::print(day))
}

fn moment(day: i32, rng: &mut impl RngCore) -> Value {
    let (hour, minute) = (rng.gen_range(8..17), rng.gen_range(0..60));
    json!(date::print(day).map(|day| format!("{day}T{hour:02}:{minute:02}:00+01:00")))
}

fn subject(course: &Course) -> Value {
    json!({"reference": format!("urn:uuid:{}", course.id)})
}

fn codeable_concept(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}], "text": display})
}

fn quantity(value: Value, unit: &str) -> Value {
    json!({"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit})
}

fn observation(
    rng: &mut impl RngCore,
    course: &Course,
    when: i32,
    code: [&str; 2],
    value: (&str, Value),
) -> Value {
    let mut resource = json!({
        "resourceType": "Observation", "id": uuid(rng), "status": "final", "code": codeable_concept(LOINC, code[0], code[1]),
        "subject": subject(course), "effectiveDateTime": moment(when, rng),
    });
    resource[value.0] = value.1;
    resource
}

fn visit(rng: &mut impl RngCore, course: &Course, when: i32, first: bool, out: &mut Vec<Value>) {
    let start = moment(when, rng);
    out.push(json!({
        "resourceType": "Encounter", "id": uuid(rng), "status": "finished", "class": {"code": "AMB"}, "subject": subject(course), "period": {"start": start},
        "type": [codeable_concept(SNOMED, "185349003", "Encounter for check up (procedure)")],
    }));
    let bmi = if course.diabetes {
        normal(rng, 309, 48)
    } else {
        normal(rng, 262, 38)
    }
    .clamp(150, 600);
    out.push(observation(
        rng,
        course,
        when,
        ["39156-5", "Body Mass Index"],
        ("valueQuantity", quantity(tenths(bmi), "kg/m2")),
    ));
    pressure(rng, course, when, out);
    if chance(rng, if course.diabetes { 95 } else { 55 }) {
        hba1c(rng, course, when, out);
    }
    if first || chance(rng, 30) {
        let [code, display] = *course.smoking;
        let value = (
            "valueCodeableConcept",
            codeable_concept(SNOMED, code, display),
        );
        out.push(observation(
            rng,
            course,
            when,
            ["72166-2", "Tobacco smoking status NHIS"],
            value,
        ));
    }
}

fn pressure(rng: &mut impl RngCore, course: &Course, when: i32, out: &mut Vec<Value>) {
    let systolic = normal(
        rng,
        118 + course.age / 5 + if course.diabetes { 8 } else { 0 },
        14,
    )
    .clamp(80, 220);
    let diastolic = (systolic * 6 / 10 + rng.gen_range(0..12)).clamp(45, 130);
    let component = |code: &str, display: &str, value: i64| json!({"code": codeable_concept(LOINC, code, display), "valueQuantity": quantity(json!(value), "mm[Hg]")});
    let components = json!([
        component("8462-4", "Diastolic Blood Pressure", diastolic),
        component("8480-6", "Systolic Blood Pressure", systolic)
    ]);
    out.push(observation(
        rng,
        course,
        when,
        ["55284-4", "Blood Pressure"],
        ("component", components),
    ));
}

fn hba1c(rng: &mut impl RngCore, course: &Course, when: i32, out: &mut Vec<Value>) {
    let percent = if course.diabetes {
        normal(rng, 75, 12)
    } else {
        normal(rng, 54, 3)
    }
    .clamp(40, 150);
    let code = ["4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"];
    let mut resource = if chance(rng, 10) {
        // Some laboratories report the IFCC unit.
        let ifcc = (percent * 1_000_000 - 21_520_000) / 914_800;
        observation(
            rng,
            course,
            when,
            ["59261-8", code[1]],
            ("valueQuantity", quantity(json!(ifcc), "mmol/mol")),
        )
    } else {
        observation(
            rng,
            course,
            when,
            code,
            ("valueQuantity", quantity(tenths(percent), "%")),
        )
    };
    if chance(rng, 2)
        && let Some(status) = resource.get_mut("status")
    {
        *status = json!("entered-in-error");
    }
    out.push(resource);
}

fn conditions(rng: &mut impl RngCore, course: &Course, out: &mut Vec<Value>) {
    let mut add = |rng: &mut dyn RngCore, code: &str, display: &str, verification: &str| {
        let mut rng = rng;
        let onset = END - rng.gen_range(30..7_000);
        let status = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
        out.push(json!({
            "resourceType": "Condition", "id": uuid(&mut rng), "code": codeable_concept(SNOMED, code, display), "subject": subject(course), "onsetDateTime": day(onset),
            "clinicalStatus": status("condition-clinical", "active"), "verificationStatus": status("condition-ver-status", verification),
        }));
    };
    if course.diabetes {
        add(
            rng,
            "44054006",
            "Diabetes mellitus type 2 (disorder)",
            "confirmed",
        );
    } else if chance(rng, 3) {
        add(
            rng,
            "44054006",
            "Diabetes mellitus type 2 (disorder)",
            "refuted",
        );
    }
    if chance(rng, if course.age > 50 { 55 } else { 20 }) {
        add(
            rng,
            "59621000",
            "Essential hypertension (disorder)",
            "confirmed",
        );
    }
    if chance(rng, 25) {
        add(rng, "55822004", "Hyperlipidemia (disorder)", "confirmed");
    }
}

fn consent(rng: &mut impl RngCore, course: &Course, permits: bool) -> Value {
    let withdrawn = !permits && chance(rng, 40);
    let (status, kind) = match (permits, withdrawn) {
        (true, _) => ("active", "permit"),
        (false, true) => ("inactive", "permit"),
        (false, false) => ("active", "deny"),
    };
    let given = course.visits.first().copied().unwrap_or(END);
    json!({
        "resourceType": "Consent", "id": uuid(rng), "status": status, "patient": subject(course), "dateTime": day(given), "provision": {"type": kind},
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
        "category": [{"coding": [{"system": LOINC, "code": "59284-0"}]}],
    })
}
