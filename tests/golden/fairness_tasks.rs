//! Tasks other than two classes against scikit-learn 1.9.1 and numpy 2.4, computed once from the
//! same rows, which follow from whole numbers alone.

use audit::domain::{Finding, Groups, Split};
use audit::fairness::Options;
use audit::fairness::multiclass::{self, ClassFrame};
use audit::fairness::recommendation::{self, RankingFrame};
use audit::fairness::regression::{self, NumberFrame};

const ROWS: u32 = 240;

/// A number of a row, 0 to 996, without order.
fn seed(row: u32) -> u32 {
    (row * row * 31 + row * 17) % 997
}

fn rows() -> impl Iterator<Item = u32> {
    (0..ROWS).map(seed)
}

fn groups() -> Vec<Groups> {
    let names: Vec<Option<String>> = rows().map(|s| Some(((s / 5) % 2).to_string())).collect();
    vec![Groups::encode("g", &names)]
}

fn weights() -> Vec<f64> {
    rows().map(|s| f64::from(1 + s % 4)).collect()
}

fn truth(s: u32) -> u32 {
    s % 3
}

fn decision(s: u32) -> u32 {
    if (s / 3).is_multiple_of(4) { (truth(s) + 1 + (s / 7) % 2) % 3 } else { truth(s) }
}

fn probabilities(s: u32) -> [f64; 3] {
    let bonus = |is: bool, points: u32| if is { points } else { 0 };
    let parts = [0, 1, 2]
        .map(|c| 1 + (s * (c + 2)) % 11 + bonus(truth(s) == c, 4) + bonus(decision(s) == c, 2));
    parts.map(|part| f64::from(part) / f64::from(parts.iter().sum::<u32>()))
}

fn classes(weight: Option<Vec<f64>>) -> ClassFrame {
    ClassFrame {
        split: Split::Test,
        classes: ["0", "1", "2"].map(str::to_owned).to_vec(),
        y_true: rows().map(truth).collect(),
        y_pred: rows().map(decision).collect(),
        prob: Some(rows().flat_map(probabilities).collect()),
        weight,
        groups: groups(),
    }
}

/// The value of a check for all rows, or for a group, of all classes or of one.
fn value(findings: &[Finding], check: &str, group: Option<&str>, class: Option<&str>) -> f64 {
    let is = |f: &&Finding| {
        let of = f.subject.group.as_ref().map(|key| key["g"].as_str());
        let all = f.subject.by.is_empty() && f.subject.reference.is_none();
        f.check == check && of == group && all && f.subject.label.as_deref() == class
    };
    let in_group = |f: &&Finding| {
        let of = f.subject.group.as_ref().map(|key| key["g"].as_str());
        f.check == check
            && of == group
            && f.subject.reference.is_none()
            && f.subject.label.as_deref() == class
    };
    let found = match group {
        None => findings.iter().find(is),
        Some(_) => findings.iter().find(in_group),
    };
    found.unwrap_or_else(|| panic!("no {check} of {group:?} {class:?}")).value.clone().unwrap()
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-9, "{what}: {found} against {expected}");
}

/// Check, and its value of all rows, of group 0 and of group 1.
const OF_CLASSES: [(&str, [f64; 3]); 12] = [
    ("accuracy", [0.741_666_666_666_666_7, 0.746_268_656_716_418, 0.735_849_056_603_773_5]),
    (
        "balanced_accuracy",
        [0.741_803_496_466_337_3, 0.754_948_646_125_116_7, 0.727_970_953_777_405_5],
    ),
    ("recall_macro", [0.741_803_496_466_337_3, 0.754_948_646_125_116_7, 0.727_970_953_777_405_5]),
    ("precision_macro", [0.738_715_860_399_699, 0.746_333_948_090_504_2, 0.732_354_562_999_724_2]),
    ("f1_macro", [0.739_459_815_546_772_1, 0.745_584_267_698_602_9, 0.728_373_948_160_432_3]),
    ("f1_micro", [0.741_666_666_666_666_7, 0.746_268_656_716_418, 0.735_849_056_603_773_5]),
    ("f1_weighted", [0.742_037_220_026_350_5, 0.746_670_696_300_91, 0.739_724_953_586_365_9]),
    (
        "precision_weighted",
        [0.743_871_094_410_983_6, 0.756_311_695_313_187_1, 0.747_005_555_815_659_2],
    ),
    ("cohen_kappa", [0.611_305_574_421_399_1, 0.619_286_370_853_179_5, 0.602_091_433_167_985]),
    (
        "matthews_corrcoef",
        [0.611_898_789_115_018_7, 0.623_097_454_262_033_7, 0.603_630_798_870_037_6],
    ),
    ("log_loss", [0.725_571_295_883_379_3, 0.728_580_115_952_482_5, 0.721_767_693_154_513_3]),
    (
        "roc_auc_ovr_macro",
        [0.945_343_589_734_284_5, 0.952_240_222_103_258_3, 0.937_395_007_576_873_4],
    ),
];

#[test]
fn averages_over_classes_are_scikit_learns() {
    let findings = multiclass::audit(&classes(None), &Options::default());
    for (check, expected) in OF_CLASSES {
        for (group, expected) in [None, Some("0"), Some("1")].into_iter().zip(expected) {
            close(value(&findings, check, group, None), expected, check);
        }
        let gap = findings.iter().find(|f| f.check == format!("{check}_difference"));
        close(*gap.unwrap().value.as_ref().unwrap(), (expected[1] - expected[2]).abs(), check);
    }
}

#[test]
fn each_class_against_the_rest_is_scikit_learns() {
    let findings = multiclass::audit(&classes(None), &Options::default());
    let of = |check, class| value(&findings, check, Some("0"), Some(class));
    let expected = [
        ("0", [0.686_274_509_803_921_6, 0.813_953_488_372_093, 0.970_351_996_220_174_8]),
        ("1", [0.828_571_428_571_428_6, 0.659_090_909_090_909_1, 0.929_004_329_004_329]),
        ("2", [0.75, 0.765_957_446_808_510_6, 0.957_364_341_085_271_4]),
    ];
    for (class, [recall, precision, area]) in expected {
        close(of("true_positive_rate", class), recall, class);
        close(of("precision", class), precision, class);
        close(of("roc_auc", class), area, class);
    }
}

#[test]
fn weights_of_rows_count_as_in_scikit_learn() {
    let findings = multiclass::audit(&classes(Some(weights())), &Options::default());
    for (check, expected) in [
        ("balanced_accuracy", 0.798_705_407_451_901_7),
        ("matthews_corrcoef", 0.696_469_985_111_537_2),
        ("cohen_kappa", 0.692_381_499_803_122),
        ("log_loss", 0.706_362_546_414_262_8),
        ("roc_auc_ovr_macro", 0.956_025_847_667_557_9),
        ("f1_weighted", 0.795_093_941_507_231_4),
    ] {
        close(value(&findings, check, None, None), expected, check);
    }
}

fn numbers(weight: Option<Vec<f64>>) -> NumberFrame {
    let outcome = |s: u32| f64::from(s % 50) / 10.0 - 1.0;
    let prediction = |s: u32| outcome(s) * 0.8 + f64::from((s * 13) % 23) / 7.0 - 1.2;
    NumberFrame {
        split: Split::Test,
        y_true: rows().map(outcome).collect(),
        y_pred: rows().map(prediction).collect(),
        weight,
        groups: groups(),
    }
}

/// Check, and its value of all rows, of group 0, of group 1, and of all rows with weights.
const OF_NUMBERS: [(&str, [f64; 4]); 7] = [
    (
        "mean_absolute_error",
        [
            0.826_523_809_523_809_4,
            0.810_490_405_117_270_7,
            0.846_792_452_830_188_6,
            0.831_269_841_269_841_3,
        ],
    ),
    (
        "root_mean_squared_error",
        [
            0.963_334_345_502_375_3,
            0.941_865_796_597_306_2,
            0.989_807_665_396_790_1,
            0.968_525_745_750_419_3,
        ],
    ),
    (
        "r2_score",
        [
            0.532_642_614_298_396_7,
            0.537_664_140_541_481_5,
            0.520_505_262_975_240_2,
            0.511_857_647_599_358_6,
        ],
    ),
    (
        "median_absolute_error",
        [
            0.835_714_285_714_285_4,
            0.822_857_142_857_142_5,
            0.854_285_714_285_714_2,
            0.868_571_428_571_428_3,
        ],
    ),
    (
        "mean_error",
        [
            0.034_428_571_428_571_46,
            0.014_115_138_592_750_59,
            0.060_107_816_711_590_316,
            0.046_150_793_650_793_71,
        ],
    ),
    (
        "mean_prediction",
        [
            1.656_928_571_428_571_3,
            1.539_488_272_921_108_8,
            1.805_390_835_579_515,
            1.715_942_460_317_460_4,
        ],
    ),
    (
        "mean_outcome",
        [
            1.622_499_999_999_999_8,
            1.525_373_134_328_358_3,
            1.745_283_018_867_924_5,
            1.669_791_666_666_666_6,
        ],
    ),
];

#[test]
fn errors_of_numbers_are_scikit_learns() {
    let plain = regression::audit(&numbers(None), &Options::default());
    let weighted = regression::audit(&numbers(Some(weights())), &Options::default());
    for (check, expected) in OF_NUMBERS {
        for (group, expected) in [None, Some("0"), Some("1")].into_iter().zip(expected) {
            close(value(&plain, check, group, None), expected, check);
        }
        close(value(&weighted, check, None, None), expected[3], check);
    }
}

#[test]
fn lists_with_ties_are_scikit_learns() {
    // `sklearn.metrics.ndcg_score` of each list, which averages over ties, and their mean.
    let query: Vec<usize> = (0..240).map(|row| row / 8).collect();
    let names: Vec<Option<String>> = query.iter().map(|q| Some((q % 2).to_string())).collect();
    for (at, expected) in [
        (3, [0.546_729_464_242_986_6, 0.561_005_330_731_858_8, 0.532_453_597_754_114_5]),
        (8, [0.775_435_424_091_774_1, 0.784_586_562_832_994, 0.766_284_285_350_554_3]),
    ] {
        let findings = recommendation::audit(
            &RankingFrame {
                split: Split::Test,
                query: query.clone(),
                score: rows().map(|s| f64::from(s % 11)).collect(),
                relevance: rows().map(|s| f64::from((s / 11) % 3)).collect(),
                at,
                groups: vec![Groups::encode("g", &names)],
            },
            &Options::default(),
        );
        for (group, expected) in [None, Some("0"), Some("1")].into_iter().zip(expected) {
            close(value(&findings, "ndcg_at_k", group, None), expected, "ndcg_at_k");
        }
    }
}
