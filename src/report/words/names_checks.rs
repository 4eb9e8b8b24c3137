//! Names of the checks: key, English, Chinese, and what is measured, in Chinese (the English text
//! comes with the record, from the check's own manual).

/// Base measures; comparisons of groups are named after them.
#[rustfmt::skip]
pub(super) const BASES: &[(&str, &str, &str, &str)] = &[
    ("count", "count", "行数", "该群体的行数。"),
    ("base_rate", "base rate", "基础率", "真实为阳性的行所占比例；没有行时无定义。"),
    ("selection_rate", "selection rate", "入选率", "被模型判为阳性的行所占比例；没有行时无定义。"),
    ("accuracy", "accuracy", "准确率", "判断正确的行所占比例；没有行时无定义。"),
    ("balanced_accuracy", "balanced accuracy", "平衡准确率", "真阳性率与真阴性率的平均；缺少任一真实类别时无定义。"),
    ("precision", "precision", "精确率", "判为阳性的行中真实为阳性的比例；没有行被判为阳性时无定义。"),
    ("f1", "F1", "F1 值", "精确率与真阳性率的调和平均；既无真实阳性也无判为阳性的行时无定义。"),
    ("true_positive_rate", "true positive rate", "真阳性率", "真实阳性中被模型找出的比例；没有真实阳性时无定义。"),
    ("false_positive_rate", "false positive rate", "假阳性率", "真实阴性中被误判为阳性的比例；没有真实阴性时无定义。"),
    ("true_negative_rate", "true negative rate", "真阴性率", "真实阴性中被判为阴性的比例；没有真实阴性时无定义。"),
    ("false_negative_rate", "false negative rate", "假阴性率", "真实阳性中被漏掉的比例；没有真实阳性时无定义。"),
    ("false_discovery_rate", "false discovery rate", "错误发现率", "判为阳性的行中真实为阴性的比例；没有行被判为阳性时无定义。"),
    ("false_omission_rate", "false omission rate", "错误遗漏率", "判为阴性的行中真实为阳性的比例；没有行被判为阴性时无定义。"),
    ("negative_predictive_value", "negative predictive value", "阴性预测值", "判为阴性的行中真实为阴性的比例；没有行被判为阴性时无定义。"),
    ("matthews_corrcoef", "Matthews correlation", "马修斯相关系数", "真实类别与判断之间的相关系数；任一边际为零时无定义。"),
    ("roc_auc", "ROC AUC", "ROC 曲线下面积", "随机一个阳性的分数高于随机一个阴性的概率，并列计一半；只有一个类别或没有分数时无定义。"),
    ("average_precision", "average precision", "平均精确率", "精确率按召回率加权的平均；没有真实阳性或没有分数时无定义。"),
    ("brier_score", "Brier score", "Brier 分数", "分数与真实结果之差的平方的平均；没有分数时无定义。"),
    ("log_loss", "log loss", "对数损失", "真实类别的概率的负对数的平均；没有分数时无定义。"),
    ("expected_calibration_error", "expected calibration error", "期望校准误差", "各分箱中置信度与准确率之差的加权平均；没有分数时无定义。"),
];

/// All other checks.
#[rustfmt::skip]
pub(super) const CHECKS: &[(&str, &str, &str, &str)] = &[
    ("demographic_parity_difference", "demographic parity difference", "人口均等差", "各群体入选率的最大值与最小值之差；不足两组或有群体无值时无定义。"),
    ("demographic_parity_ratio", "demographic parity ratio", "人口均等比", "各群体入选率的最小值与最大值之比；不足两组、有群体无值或入选率全为零时无定义。"),
    ("equalized_odds_difference", "equalised odds difference", "均衡几率差", "真阳性率之差与假阳性率之差中较大的一个；不足两组或有群体无值时无定义。"),
    ("equalized_odds_ratio", "equalised odds ratio", "均衡几率比", "真阳性率之比与假阳性率之比中较小的一个；不足两组或有群体无值时无定义。"),
    ("equal_opportunity_difference", "equal opportunity difference", "机会均等差", "各群体真阳性率的最大值与最小值之差；不足两组或有群体无值时无定义。"),
    ("equal_opportunity_ratio", "equal opportunity ratio", "机会均等比", "各群体真阳性率的最小值与最大值之比；不足两组或有群体无值时无定义。"),
    ("average_odds_difference", "average odds difference", "平均几率差", "真阳性率之差与假阳性率之差的平均；不足两组或有群体无值时无定义。"),
    ("membership_auc", "membership AUC", "成员推断 AUC", "攻击给随机一个成员的分数高于随机一个非成员的概率；0.5 表示一无所获。"),
    ("membership_advantage", "membership advantage", "成员推断优势", "检出率与误报率之差在所有阈值上的最大值；0 表示一无所获。"),
    ("membership_balanced_accuracy", "membership balanced accuracy", "成员推断平衡准确率", "检出率与正确排除率的平均在所有阈值上的最大值；0.5 表示一无所获。"),
    ("generalization_gap", "generalisation gap", "泛化差距", "训练数据上的准确率减去未见数据上的准确率；差距大说明模型记住了训练数据。"),
    ("pii_cells", "cells with personal data", "含个人信息的单元格", "某一列中含某类个人信息的单元格数。"),
    ("pii_file_names", "file names with personal data", "含个人信息的文件名", "含个人信息的文件名数。"),
    ("pii_direct_identifiers", "direct identifiers", "直接标识符", "所有表格与文件名中直接指向个人的标识符总数。"),
    ("usage_missing_field", "records that lack a required field", "缺少必填字段的记录", "缺少必填字段的记录所占比例；缺少的字段无法对照政策检查。"),
    ("usage_purpose_not_allowed", "records with a purpose that is not allowed", "用途不被允许的记录", "用途不在允许清单上的记录所占比例。"),
    ("usage_domain_not_allowed", "records from a domain that is not allowed", "领域不被允许的记录", "领域不在允许清单上的记录所占比例。"),
    ("usage_prohibited_use", "records of a prohibited use", "属于禁止用途的记录", "属于禁止用途的记录所占比例。"),
    ("usage_approval_expired", "records under an expired approval", "批准已过期的记录", "在批准过期之后仍然使用的记录所占比例。"),
    ("usage_missing_review", "records without the human review they need", "缺少所需人工复核的记录", "需要人工复核而没有复核的记录所占比例。"),
    ("usage_policy_violation", "records against a policy rule", "违反某条政策规则的记录", "违反政策中该条规则的记录所占比例。"),
    ("usage_violations", "records with any violation", "有任一违规的记录", "至少违反一条规则的记录所占比例。"),
    ("usage_malformed_record", "records that cannot be read", "无法读取的记录", "无法读取的日志行所占比例。"),
    ("subject_overlap", "subjects in both training and test", "同时出现在训练与测试中的主体", "其数据同时出现在训练与测试部分的主体数；会使测得的结果偏好。"),
    ("skipped_rows", "rows left out", "被跳过的行", "因无法读取而未参与审计的行数。"),
];
