//! What every report must keep, whatever is in the record.

use super::example::{assessment, hostile};
use super::{Artifact, Options, RenderError, manifest, render};
use crate::domain::{Assessment, Verdict};

fn options(languages: &[&str]) -> Options {
    let languages = languages.iter().map(|l| (*l).to_owned()).collect();
    Options { formats: ["html", "markdown", "sarif", "junit"].map(str::to_owned).into(), languages }
}

fn both() -> Options {
    options(&["en", "zh"])
}

fn text(artifacts: &[Artifact], path: &str) -> String {
    let found = artifacts.iter().find(|a| a.path == path);
    String::from_utf8(found.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
}

#[test]
fn the_example_holds_every_kind_of_answer() {
    let a = assessment();
    let all = [
        Verdict::Pass,
        Verdict::Waived,
        Verdict::Warn,
        Verdict::Undecided,
        Verdict::NotRun,
        Verdict::Fail,
    ];
    for verdict in all {
        assert!(a.gate.iter().any(|row| row.verdict == verdict), "{verdict:?}");
    }
}

#[test]
fn the_folder_holds_the_files_of_the_interface() {
    let artifacts = render(&assessment(), &both()).unwrap();
    let paths: Vec<&str> = artifacts.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "index.html",
            "index.zh.html",
            "assessment.json",
            "assessment.md",
            "summary.md",
            "assessment.sarif",
            "junit.xml",
            "findings.csv"
        ]
    );
    let read: Assessment = serde_json::from_str(&text(&artifacts, "assessment.json")).unwrap();
    assert_eq!(read, assessment());
    let listed = manifest(&artifacts, &assessment().provenance);
    let json: serde_json::Value = serde_json::from_slice(&listed.bytes).unwrap();
    let digest = crate::domain::digest_hex(&artifacts[0].bytes);
    assert_eq!(json["files"]["index.html"], digest);
    assert!(artifacts.iter().all(|a| a.bytes.ends_with(b"\n")));
}

#[test]
fn unknown_names_are_errors_that_name_the_way_out() {
    let mut wrong = both();
    wrong.formats.push("pdf".to_owned());
    let error = render(&assessment(), &wrong).unwrap_err();
    assert!(error.to_string().contains("html, json, markdown, sarif, junit, csv, png"), "{error}");
    let error = render(&assessment(), &options(&["fr"])).unwrap_err();
    assert_eq!(error, RenderError::UnknownLanguage { name: "fr".to_owned() });
}

#[test]
fn the_page_says_nothing_about_clock_and_host_and_is_the_same_every_time() {
    let mut later = assessment();
    later.provenance.started = "2031-01-01T00:00:00Z".to_owned();
    later.provenance.host.os = "plan9".to_owned();
    later.provenance.host.threads = 64;
    let (now, then) = (render(&assessment(), &both()).unwrap(), render(&later, &both()).unwrap());
    for path in ["index.html", "index.zh.html", "assessment.md", "junit.xml", "assessment.sarif"] {
        assert!(text(&now, path) == text(&then, path), "{path} depends on clock or host");
    }
}

#[test]
fn the_page_is_one_small_file_without_scripts_and_requests() {
    let artifacts = render(&assessment(), &both()).unwrap();
    for path in ["index.html", "index.zh.html"] {
        let page = text(&artifacts, path);
        assert!(page.len() < 500_000, "{path} has {} bytes", page.len());
        for forbidden in ["<script", "http://", "https://", "url(", "@import", "src="] {
            assert!(!page.contains(forbidden), "{path} holds {forbidden}");
        }
    }
}

#[test]
fn strings_of_strangers_do_not_act() {
    let artifacts = render(&hostile(), &both()).unwrap();
    for path in ["index.html", "index.zh.html", "assessment.md", "junit.xml"] {
        let page = text(&artifacts, path);
        assert!(!page.contains("<script"), "{path}");
        assert!(!page.contains("<img"), "{path}");
        assert!(!page.contains('\u{202e}'), "{path}");
    }
    let table = text(&artifacts, "findings.csv");
    assert!(!table.lines().any(|line| line.split(',').any(|cell| cell.starts_with("=male"))));
    let sarif: serde_json::Value =
        serde_json::from_str(&text(&artifacts, "assessment.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

/// What a reader of the page sees: no tags, no styles, nothing that is marked as quoted or code.
fn read(page: &str) -> String {
    let body = page.split_once("</style>").unwrap().1;
    let mut seen = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('<') {
        seen.push_str(before);
        let quoted = ["bdi>", "code>"].iter().find(|tag| after.starts_with(**tag));
        rest = match quoted {
            Some(tag) => after.split_once(&format!("</{tag}")).unwrap().1,
            None => after.split_once('>').unwrap().1,
        };
    }
    seen + rest
}

#[test]
fn no_english_sentence_is_on_the_chinese_page() {
    let page = text(&render(&assessment(), &both()).unwrap(), "index.zh.html");
    let seen = read(&page);
    let words = [
        " the ",
        " and ",
        " of ",
        " is ",
        " are ",
        " not ",
        " because ",
        " with ",
        " was ",
        "interval",
        "value",
        "group",
        "limit",
        "undefined",
        "pass",
        "fail",
        "risk",
        "measure",
    ];
    for word in words {
        if let Some((before, after)) = seen.split_once(word) {
            let tail: String = before.chars().rev().take(40).collect();
            let head: String = after.chars().take(40).collect();
            let tail: String = tail.chars().rev().collect();
            panic!("`{word}` on the Chinese page: {tail}{word}{head}");
        }
    }
}

#[test]
fn no_chinese_character_is_on_the_english_page() {
    let page = text(&render(&assessment(), &options(&["en"])).unwrap(), "index.html");
    let han = page.chars().find(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
    assert_eq!(han, None);
}

#[test]
fn the_report_never_claims_fairness_and_never_leaves_a_cell_empty() {
    let artifacts = render(&assessment(), &both()).unwrap();
    let page = text(&artifacts, "index.html");
    for claim in ["is fair", "are fair", "unbiased", "no bias"] {
        assert!(!page.contains(claim), "{claim}");
    }
    for path in ["index.html", "index.zh.html"] {
        let page = text(&artifacts, path);
        for row in page.split("<td ").skip(1) {
            let cell = row.split_once('>').unwrap().1.split("</td>").next().unwrap();
            assert!(!cell.trim().is_empty(), "an empty cell in {path}: {row}");
        }
        assert!(!page.contains("NaN") && !page.contains("inf,"), "{path}");
    }
}

#[test]
fn the_summary_has_at_most_five_sentences_and_names_the_worst_first() {
    let md = text(&render(&assessment(), &both()).unwrap(), "summary.md");
    let sentences = md.lines().filter(|l| l.starts_with("- ") && l.ends_with('.')).count();
    assert!((1..=5).contains(&sentences), "{md}");
    assert!(md.contains("Failed, worst first: direct identifiers is 4"), "{md}");
}

#[test]
fn sarif_points_into_the_configuration_and_suppresses_what_is_waived() {
    let artifacts = render(&assessment(), &both()).unwrap();
    let log: serde_json::Value =
        serde_json::from_str(&text(&artifacts, "assessment.sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "audits/skin%20lesions.yaml");
    assert_eq!(place["region"]["startLine"], 40);
    let waived: Vec<_> =
        results.iter().filter(|r| r["properties"]["verdict"] == "waived").collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0]["suppressions"][0]["kind"], "external");
    assert!(results.iter().all(|r| r["ruleIndex"].is_u64()), "every result has its rule");
}

#[test]
fn junit_counts_what_it_lists() {
    let xml = text(&render(&assessment(), &both()).unwrap(), "junit.xml");
    let count = |what: &str| xml.matches(what).count();
    let a = assessment();
    let rows = |v: Verdict| a.gate.iter().filter(|r| r.verdict == v).count();
    assert_eq!(count("<testcase "), a.gate.len());
    assert_eq!(count("<failure "), rows(Verdict::Fail) + rows(Verdict::Undecided));
    assert_eq!(count("<error "), rows(Verdict::NotRun));
    assert_eq!(count("<skipped "), rows(Verdict::Waived));
}

#[test]
fn a_record_without_anything_still_makes_a_whole_report() {
    let mut a = assessment();
    (a.findings, a.gate, a.risks, a.measures) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    (a.waivers, a.not_run, a.definitions) = (Vec::new(), Vec::new(), Vec::new());
    (a.model.training, a.model.kept_epoch, a.provenance.model_sha256) = (Vec::new(), None, None);
    a.provenance.inputs = Vec::new();
    a.verdict = Verdict::Pass;
    let page = text(&render(&a, &both()).unwrap(), "index.html");
    assert!(page.contains("declares no gate rule"));
    assert!(!page.contains("<figure>"));
}

#[test]
fn a_page_with_many_groupings_and_groups_stays_small() {
    let mut a = assessment();
    let of_sex: Vec<_> = a.findings.iter().filter(|f| f.subject.by == ["sex"]).cloned().collect();
    for grouping in 0..11 {
        for copy in 0..20 {
            for finding in &of_sex {
                let mut f = finding.clone();
                f.subject.by = vec![format!("feature_{grouping}")];
                let level = |key: &std::collections::BTreeMap<String, String>| {
                    let level = format!("{} number {copy}", key["sex"]);
                    [(format!("feature_{grouping}"), level)].into()
                };
                f.subject.group = f.subject.group.as_ref().map(level);
                if copy == 0 || f.subject.group.is_some() {
                    a.findings.push(f);
                }
            }
        }
    }
    let page = text(&render(&a, &both()).unwrap(), "index.html");
    assert!(page.len() < 500_000, "{} bytes", page.len());
    assert!(page.contains("more rows are in findings.csv"));
}
