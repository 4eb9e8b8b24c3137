//! Names of the checks that search slices and explain gaps: key, English, Chinese, and what is
//! measured, in Chinese.

/// Slices and explanations.
#[rustfmt::skip]
pub(super) const FAIRNESS: &[(&str, &str, &str, &str)] = &[
    ("selection_rate_slice_gap", "selection rate of a slice minus that of the other rows", "切片与其余行的入选率之差", "一个切片的入选率减去其余行的入选率；只列出超出偶然的切片，区间经全部搜索校正。没有比率的切片不会被找到。"),
    ("accuracy_slice_gap", "accuracy of a slice minus that of the other rows", "切片与其余行的准确率之差", "一个切片的准确率减去其余行的准确率；只列出低于其余行且超出偶然的切片，区间经全部搜索校正。"),
    ("true_positive_rate_slice_gap", "true positive rate of a slice minus that of the other rows", "切片与其余行的真阳性率之差", "一个切片的真阳性率减去其余行的真阳性率；只列出低于其余行且超出偶然的切片，区间经全部搜索校正。"),
    ("false_positive_rate_slice_gap", "false positive rate of a slice minus that of the other rows", "切片与其余行的假阳性率之差", "一个切片的假阳性率减去其余行的假阳性率；只列出高于其余行且超出偶然的切片，区间经全部搜索校正。"),
    ("selection_rate_slices", "slices with another selection rate", "入选率不同的切片数", "入选率与其余行之差超出偶然的切片数；没有特征或数据行带权重时不运行。"),
    ("accuracy_slices", "slices with a lower accuracy", "准确率较低的切片数", "准确率低于其余行且超出偶然的切片数；没有特征或数据行带权重时不运行。"),
    ("true_positive_rate_slices", "slices with a lower true positive rate", "真阳性率较低的切片数", "真阳性率低于其余行且超出偶然的切片数；没有特征或数据行带权重时不运行。"),
    ("false_positive_rate_slices", "slices with a higher false positive rate", "假阳性率较高的切片数", "假阳性率高于其余行且超出偶然的切片数；没有特征或数据行带权重时不运行。"),
    ("selection_rate_gap_parts", "selection rate minus that of the reference, in parts", "与参照群体入选率之差（分解）", "群体与参照群体的入选率之差，分解为基础率、分数与校准三部分，三者之和等于该差；任一方缺少真实阳性或真实阴性时无定义。"),
    ("roc_gap", "largest distance between ROC curves", "ROC 曲线间的最大距离", "同一假阳性率下各群体真阳性率之差的最大值；没有分数、不足两组或有群体只有一个类别时无定义。"),
    ("reliability_gap", "largest distance between score and share of positives", "分数与阳性比例的最大差距", "在某群体的某一分数段内，平均分数与真实阳性比例之差的最大值；没有分数、不足两组或各段行数过少时无定义。"),
    ("passing_thresholds", "share of thresholds that keep the limit", "符合限值的阈值比例", "使该比较符合限值的分数阈值所占比例；没有分数、不足两组、有群体无值或分数全部相同时无定义。"),
    ("selection_rate_label_error", "wrong labels that close the gap of the selection rate", "使入选率差距消失的错误标签比例", "能使群体与参照群体的入选率之差消失或变号的最小错误标签比例；有群体无值时无定义。"),
    ("true_positive_rate_label_error", "wrong labels that close the gap of the true positive rate", "使真阳性率差距消失的错误标签比例", "能使群体与参照群体的真阳性率之差消失或变号的最小错误标签比例；有群体无值时无定义。"),
    ("false_positive_rate_label_error", "wrong labels that close the gap of the false positive rate", "使假阳性率差距消失的错误标签比例", "能使群体与参照群体的假阳性率之差消失或变号的最小错误标签比例；有群体无值时无定义。"),
];
