//! Names of things that the record names by key: key, English, Chinese. A key that is not listed is
//! shown in words of its own, so that a new check needs no change here to be reported.

use super::names_checks::{BASES, CHECKS};
use super::names_fairness::FAIRNESS;
use super::names_tasks::TASKS;
use crate::report::language::Language;
use crate::report::number::percent;

/// A list of names: key, English, Chinese.
pub(crate) type List = &'static [(&'static str, &'static str, &'static str)];

/// Answers of the gate.
#[rustfmt::skip]
pub(crate) const VERDICTS: List = &[
    ("pass", "pass", "通过"),
    ("waived", "waived", "已豁免"),
    ("warn", "warn", "警告"),
    ("undecided", "undecided", "未定"),
    ("not_run", "not run", "未运行"),
    ("fail", "fail", "未通过"),
];

/// Levels of NIST SP 800-30 r1.
#[rustfmt::skip]
pub(crate) const LEVELS: List = &[
    ("very_low", "very low", "很低"),
    ("low", "low", "低"),
    ("moderate", "moderate", "中等"),
    ("high", "high", "高"),
    ("very_high", "very high", "很高"),
];

/// Kinds of risk.
#[rustfmt::skip]
pub(crate) const RISKS: List = &[
    ("unequal_selection", "groups are selected at unequal rates", "各群体入选率不均"),
    ("unequal_errors", "errors fall on groups unequally", "错误在各群体间分布不均"),
    ("unequal_precision", "decisions are unequally reliable", "决策在各群体间可靠程度不一"),
    ("unequal_accuracy", "groups are served unequally well", "各群体得到的预测质量不一"),
    ("inaccuracy", "decisions are too often wrong", "决策错误过多"),
    ("membership_leak", "the model reveals whose data it learned from", "模型泄露训练数据的成员身份"),
    ("personal_data", "personal data lie open in the data", "数据中含有未受保护的个人信息"),
    ("reidentification", "records of a released table can be traced to people", "待发布表格中的记录可被追溯到个人"),
    ("misuse", "the system is used against its policy", "系统的使用违反使用政策"),
    ("data_quality", "the data are not fit for the audit", "数据质量不足以支持审计"),
    ("unknown", "a required check has no result", "必需的检查没有结果"),
];

/// What can be done.
#[rustfmt::skip]
pub(crate) const MEASURES: List = &[
    ("group_thresholds", "Set decision thresholds per group, where the law allows it.", "在法律允许的范围内，按群体设定决策阈值。"),
    ("collect_more_data", "Collect more labelled rows of the affected groups.", "为受影响的群体收集更多带标签的数据。"),
    ("human_review", "Have a person review decisions before they take effect.", "决策生效前由人工复核。"),
    ("regularise_or_dp_sgd", "Retrain with stronger regularisation or with differential privacy.", "加强正则化，或以差分隐私方式重新训练。"),
    ("limit_output_precision", "Return labels or rounded scores instead of full scores.", "只返回类别或四舍五入后的分数，不返回完整分数。"),
    ("remove_or_mask_personal_data", "Remove or mask the personal data before the data are used again.", "再次使用数据之前，删除或遮盖个人信息。"),
    ("generalise_or_suppress", "Coarsen or suppress quasi-identifiers until the classes are large enough.", "泛化或隐去准标识符，直到等价类足够大。"),
    ("enforce_policy_at_gateway", "Refuse requests that break the policy where they enter.", "在入口处拒绝违反政策的请求。"),
    ("repair_data", "Repair the data and audit again.", "修复数据后重新审计。"),
    ("run_missing_check", "Run the missing check.", "补做缺失的检查。"),
];

/// Reasons why something did not run, as words for the Chinese page; the English page quotes the
/// record.
#[rustfmt::skip]
pub(crate) const REASONS: List = &[
    ("no_training_rows", "there are no training rows", "没有训练数据行"),
    ("no_test_rows", "there are no test rows", "没有测试数据行"),
    ("no_validation_rows", "there are no validation rows", "没有验证数据行"),
    ("not_configured", "it is not configured", "配置中未要求"),
    ("skipped", "it was skipped on request", "应要求跳过"),
    ("no_logits", "there are no model outputs per class", "没有各类别的模型输出"),
    ("no_scores", "the predictions carry no score", "预测结果不含分数"),
    ("no_baseline", "there is no earlier run to compare with", "没有可供比较的先前一次运行"),
    ("no_groups", "no groups are declared", "没有声明分组"),
    ("no_predictions", "there are no predictions", "没有预测结果"),
    ("no_model", "there is no model", "没有模型"),
    ("predictions_given", "predictions were given instead of a model", "给定的是预测结果而不是模型"),
    ("no_usage_log", "there is no usage log", "没有使用日志"),
    ("no_policy", "there is no policy", "没有使用政策"),
    ("nothing_to_scan", "there is nothing to scan", "没有可扫描的内容"),
    ("no_tables", "there is no table to scan", "没有可扫描的表格"),
    ("no_subject", "no subject column is named", "没有指明主体列"),
    ("one_class", "only one class is present", "只有一个类别"),
    ("unsupported", "it is not supported for this input", "不支持此类输入"),
    ("not_implemented", "this version does not measure it", "本版本不做此项测量"),
    ("not_covered", "this version does not measure it", "本版本不做此项测量"),
    ("failed", "it failed", "运行失败"),
];

/// Reasons that a finding gives in words when its check could not run.
#[rustfmt::skip]
pub(crate) const BECAUSES: List = &[
    ("no subject column is declared", "no subject column is declared", "没有声明主体列"),
    ("the search counts rows, and these rows carry weights", "the search counts rows, and these rows carry weights", "搜索按行计数，而这些数据行带有权重"),
    ("it counts rows, and these rows carry weights", "it counts rows, and these rows carry weights", "它按行计数，而这些数据行带有权重"),
    ("the rows are weighted", "the rows are weighted", "数据行带有权重"),
    ("the earlier run has no scores", "the earlier run has no scores", "先前一次运行没有分数"),
    ("the rows carry no pictures", "the rows carry no pictures", "数据行不含图像"),
    ("no allowed purpose is declared", "no allowed purpose is declared", "没有声明允许的用途"),
    ("no allowed domain is declared", "no allowed domain is declared", "没有声明允许的领域"),
    ("no prohibited use is declared", "no prohibited use is declared", "没有声明禁止的用途"),
    ("the category holds less than 2 % of the rows", "the category holds less than 2 % of the rows", "该类别不足全部行的百分之二"),
    ("this peer refuses rows whose group is missing", "this library refuses rows whose group is missing", "该库不接受缺少分组的行"),
    ("no bin of scores holds rows of both groups", "no bin of scores holds rows of both groups", "没有同时含两群体的分数段"),
    ("a ratio of numbers below 0 says nothing", "a ratio of numbers below 0 says nothing", "小于零的数之比没有意义"),
    ("its scores were learned from the memberships", "its scores were learned from the memberships", "其分数由成员身份学得"),
    ("there is no model to ask, only its predictions", "there is no model to ask, only its predictions", "没有可询问的模型，只有其预测结果"),
    ("the model was not trained in this run", "the model was not trained in this run", "模型并非在本次运行中训练"),
    ("there are no reference models", "there are no reference models", "没有参考模型"),
    ("there is no population", "there is no population", "没有未参与任何训练的总体"),
    ("a row has too few reference models", "a row has too few reference models", "某一行的参考模型过少"),
    ("no approval is declared", "no approval is declared", "没有声明批准"),
];

/// Stages and parts of an audit.
#[rustfmt::skip]
pub(crate) const PARTS: List = &[
    ("dataset", "data set", "数据集"),
    ("model", "model", "模型"),
    ("train", "training", "训练"),
    ("training", "training", "训练"),
    ("predict", "prediction", "预测"),
    ("fairness", "fairness", "公平性"),
    ("privacy", "privacy", "隐私"),
    ("membership", "membership inference", "成员推断"),
    ("personal_data", "personal data", "个人信息"),
    ("dp", "differential privacy", "差分隐私"),
    ("anonymity", "anonymity of a table", "表格匿名性"),
    ("pii", "personal data", "个人信息"),
    ("misuse", "misuse", "滥用"),
    ("usage", "usage log", "使用日志"),
    ("robustness", "robustness", "鲁棒性"),
    ("quality", "quality", "质量"),
    ("calibration", "calibration", "校准"),
    ("gate", "gate", "门禁"),
    ("risk", "risk", "风险"),
];

/// Membership attacks.
#[rustfmt::skip]
pub(crate) const ATTACKS: List = &[
    ("loss", "loss", "损失"),
    ("entropy", "entropy", "熵"),
    ("modified_entropy", "modified entropy", "修正熵"),
    ("max_confidence", "maximum confidence", "最大置信度"),
    ("logit_scaled_confidence", "logit-scaled confidence", "对数几率置信度"),
    ("hinge", "hinge", "合页间隔"),
    ("gap", "correctness gap", "正确性差距"),
    ("population", "population", "总体"),
    ("calibrated.out_mean", "calibrated by models that have not seen the row", "以未见过该行的模型校准"),
    ("calibrated.midpoint", "calibrated midway between models", "以参考模型的中点校准"),
    ("attacker.logistic", "trained attacker (logistic regression)", "训练的攻击者（逻辑回归）"),
    ("quantile", "quantile regression", "分位数回归"),
    ("lira.online.per_example_variance", "LiRA online, a variance for each row", "在线似然比，每行一个方差"),
    ("lira.online.global_variance", "LiRA online, one variance", "在线似然比，统一方差"),
    ("lira.online.residual_variance", "LiRA online, one residual variance", "在线似然比，统一残差方差"),
    ("lira.online.nig", "LiRA online, variances that borrow strength", "在线似然比，方差相互借力"),
    ("lira.offline.one_sided.per_example_variance", "LiRA offline one-sided, a variance for each row", "离线似然比，单侧，每行一个方差"),
    ("lira.offline.one_sided.global_variance", "LiRA offline one-sided, one variance", "离线似然比，单侧，统一方差"),
    ("lira.offline.one_sided.residual_variance", "LiRA offline one-sided, one residual variance", "离线似然比，单侧，统一残差方差"),
    ("lira.offline.two_sided.per_example_variance", "LiRA offline two-sided, a variance for each row", "离线似然比，双侧，每行一个方差"),
    ("lira.offline.two_sided.global_variance", "LiRA offline two-sided, one variance", "离线似然比，双侧，统一方差"),
    ("lira.offline.two_sided.residual_variance", "LiRA offline two-sided, one residual variance", "离线似然比，双侧，统一残差方差"),
    ("rmia.online", "RMIA online", "在线相对成员推断"),
    ("rmia.offline", "RMIA offline", "离线相对成员推断"),
    ("label_only.noise_robustness", "labels only: holds under noise", "仅看标签：加噪后是否不变"),
    ("label_only.augmentation", "labels only: holds when moved or mirrored", "仅看标签：平移或镜像后是否不变"),
];

/// Kinds of personal data and policy rules.
#[rustfmt::skip]
pub(crate) const LABELS: List = &[
    ("EMAIL", "e-mail address", "电子邮箱"),
    ("PHONE", "telephone number", "电话号码"),
    ("CN_MOBILE", "Chinese mobile number", "中国手机号"),
    ("CN_RESIDENT_ID", "Chinese resident ID", "居民身份证号"),
    ("US_SSN", "US social security number", "美国社会保障号"),
    ("CREDIT_CARD", "payment card number", "银行卡号"),
    ("IBAN", "IBAN", "国际银行账号"),
    ("IP", "IP address", "IP 地址"),
    ("IP_ADDRESS", "IP address", "IP 地址"),
    ("missing_field", "missing field", "缺少必填字段"),
    ("purpose_not_allowed", "purpose not allowed", "用途不被允许"),
    ("domain_not_allowed", "domain not allowed", "领域不被允许"),
    ("prohibited_use", "prohibited use", "禁止的用途"),
    ("approval_expired", "approval expired", "批准已过期"),
    ("approval_unknown", "approval unknown", "批准编号未知"),
    ("missing_review", "missing human review", "缺少人工复核"),
];

pub(crate) use super::names_terms::TERMS;

/// The name of a key, if the list has it.
pub(crate) fn find(language: Language, list: List, key: &str) -> Option<String> {
    if let Some(method) = key.strip_suffix(", effective n") {
        let suffix = language.pick(", effective n", "（有效样本量）");
        return find(language, list, method).map(|name| name + suffix);
    }
    let (_, english, chinese) = list.iter().find(|(k, _, _)| *k == key)?;
    Some(language.pick(*english, *chinese).to_owned())
}

/// The name of a key, or the key in words.
pub(crate) fn name(language: Language, list: List, key: &str) -> String {
    find(language, list, key).unwrap_or_else(|| key.replace('_', " "))
}

/// A check in words: its own name, a base measure with its aggregate, or the key in words.
pub(crate) fn check(language: Language, check: &str) -> String {
    known(language, check).unwrap_or_else(|| check.replace('_', " "))
}

/// All checks that have a name of their own.
fn listed()
-> impl Iterator<Item = &'static (&'static str, &'static str, &'static str, &'static str)> {
    BASES.iter().chain(CHECKS).chain(FAIRNESS).chain(TASKS)
}

/// A check in words, if the catalogue knows it.
pub(crate) fn known(language: Language, check: &str) -> Option<String> {
    if let Some((_, english, chinese, _)) = listed().find(|(key, ..)| *key == check) {
        return Some(language.pick(*english, *chinese).to_owned());
    }
    if let Some(rate) = check.strip_prefix("membership_tpr_at_fpr_") {
        let rate = percent(rate.parse().ok()?);
        return Some(language.pick(
            format!("members found at {rate} false alarms"),
            format!("误报率为 {rate} 时的成员检出率"),
        ));
    }
    let aggregates = [
        ("_change", "change", "的变化"),
        ("_difference_to_overall", "difference to the whole population", "与总体之差"),
        ("_ratio_to_overall", "ratio to the whole population", "与总体之比"),
        ("_difference", "difference", "之差"),
        ("_ratio", "ratio", "之比"),
        ("_group_min", "lowest group", "最低组值"),
        ("_group_max", "highest group", "最高组值"),
        ("_test", "test", "检验"),
        ("_pooled", "partially pooled", "部分合并值"),
    ];
    let (base, english, chinese) =
        aggregates.iter().find_map(|(end, en, zh)| Some((check.strip_suffix(end)?, *en, *zh)))?;
    let base = known(language, base)?;
    Some(language.pick(format!("{base} {english}"), format!("{base}{chinese}")))
}

/// Where a check's values lie; none when there is no translation.
pub(crate) fn range_in_chinese(range: &str) -> Option<String> {
    let (low, high) = match range.split_once(" to ") {
        Some(ends) => ends,
        None if range.starts_with("0 and up") => return Some("不小于 0".to_owned()),
        None if range.starts_with("any number") => return Some("任意实数".to_owned()),
        None => return None,
    };
    let high = match high {
        "the number of cells and names scanned" => "扫描的单元格与文件名总数",
        "the number of rows" => "行数",
        "the number of records" => "记录数",
        "the number of subjects" => "主体数",
        "the number of test rows" => "测试行数",
        "the rows declared" => "声明的行数",
        number if number.parse::<f64>().is_ok() => number,
        _ => return None,
    };
    Some(format!("{low} 至 {high}"))
}

/// What a check measures, in one Chinese sentence with the case in which it has no value.
pub(crate) fn meaning_in_chinese(check: &str) -> Option<String> {
    let listed = listed().find(|(key, ..)| *key == check);
    if let Some((_, _, _, meaning)) = listed {
        return Some((*meaning).to_owned());
    }
    if let Some(rate) = check.strip_prefix("membership_tpr_at_fpr_") {
        let rate = percent(rate.parse().ok()?);
        let rule = "取误报率不超过该值的最后一个阈值，不作插值";
        return Some(format!(
            "攻击把非成员误判为成员的比例不超过 {rate} 时，能认出的成员比例；{rule}。"
        ));
    }
    if let Some(base) = check.strip_suffix("_change") {
        let base = known(Language::Chinese, base)?;
        let rest = "任一次无值、数据行带权重或缺少所需分数时无定义。";
        return Some(format!("在相同的行上，本次“{base}”减去先前一次；{rest}"));
    }
    let group = "有行但自身无值的群体使结果无定义；不足两组时无定义。";
    let aggregates = [
        ("_difference_to_overall", "与总体之差的最大值"),
        ("_ratio_to_overall", "与总体之比（小者除以大者）的最小值"),
        ("_difference", "最大值与最小值之差"),
        ("_ratio", "最小值与最大值之比"),
    ];
    let (base, aggregate) =
        aggregates.iter().find_map(|(end, zh)| Some((check.strip_suffix(end)?, *zh)))?;
    let base = known(Language::Chinese, base)?;
    Some(format!("各群体“{base}”的{aggregate}。{group}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_every_check_has_a_translation() {
        let manuals = include_str!("../../../docs/checks.md");
        let ranges = manuals.lines().filter_map(|line| line.strip_prefix("- **Range** "));
        // Detectors and attacks have no row in the report.
        let of_checks = ranges.filter(|r| !r.starts_with("found") && !r.starts_with("minus"));
        let mut seen = 0;
        for range in of_checks {
            assert!(range_in_chinese(range.trim_end_matches('.')).is_some(), "{range}");
            seen += 1;
        }
        assert!(seen > 60);
    }

    #[test]
    fn names_are_composed_and_unknown_ones_are_still_readable() {
        let both = |name| (check(Language::English, name), check(Language::Chinese, name));
        assert_eq!(both("true_positive_rate").1, "真阳性率");
        assert_eq!(
            both("precision_difference"),
            ("precision difference".to_owned(), "精确率之差".to_owned())
        );
        assert_eq!(
            both("membership_tpr_at_fpr_0.001").0,
            "members found at 0.1\u{a0}% false alarms"
        );
        assert_eq!(both("brand_new_check").1, "brand new check");
        assert!(meaning_in_chinese("roc_auc_difference").is_some());
        assert!(meaning_in_chinese("brand_new_check").is_none());
    }

    #[test]
    fn every_list_has_both_languages_and_no_key_twice() {
        let lists =
            [VERDICTS, LEVELS, RISKS, MEASURES, REASONS, BECAUSES, PARTS, ATTACKS, LABELS, TERMS];
        for list in lists {
            for (i, (key, english, chinese)) in list.iter().enumerate() {
                assert!(!english.is_empty() && !chinese.is_empty(), "{key}");
                assert!(list.iter().skip(i + 1).all(|(other, ..)| other != key), "{key} twice");
            }
        }
    }
}
