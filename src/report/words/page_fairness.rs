//! The messages about slices and explanations of gaps.

use super::catalogue;

catalogue! {
    FairnessWords;
    // An earlier run.
    changes: "Changes since an earlier run", "与先前一次相比的变化";
    changes_note: "The same rows were decided by an earlier run ({baseline}). Rows that both runs decide alike cancel, so the intervals are those of the change itself. {tests} changes were tested for being none; of these, {certain} remain below 0.05 after Holm's correction.", "先前一次运行（{baseline}）对相同的行作出过判断。两次判断相同的行相互抵消，故区间为变化本身的区间。共检验 {tests} 项变化是否为零；经霍尔姆校正后，其中 {certain} 项低于 0.05。";
    changes_caption: "Changes over all rows and of the worst gaps, new minus old", "全部行及最差差距的变化（本次减先前）";
    changes_groups: "Changes of each group, new minus old", "各群体的变化（本次减先前）";
    // Worst slices.
    slices: "Worst slices", "最差切片";
    slices_note: "All combinations of the features were searched, not only the groupings that were declared. A slice is listed where an exact test says that it differs from all other rows. The tests are corrected for the whole search: the chance that any slice is reported that does not differ is at most {alpha}. Slices that only repeat what a slice above them says are left out.", "搜索遍及各特征的所有组合，而不限于所声明的分组。精确检验表明与其余各行不同的切片才会列出。检验按整个搜索校正：报告任何一个其实并无差别的切片的概率不超过 {alpha}。只重复上方切片内容的切片不再列出。";
    slices_none: "{check}: none of {searched} slices.", "{check}：{searched} 个切片中没有。";
    slices_found: "{check}: {found} of {searched} slices; {listed} say something of their own and are listed.", "{check}：{searched} 个切片中有 {found} 个；其中 {listed} 个各有所指，列于下表。";
    slices_refused: "{check}: {because}.", "{check}：{because}。";
    slices_caption: "{check}, the largest certain gap first", "{check}（按确定的差距从大到小）";
    slice: "Slice", "切片";
    slice_gap: "Gap [corrected interval]", "差距 [校正区间]";
    slice_rate: "Rate in the slice", "切片内的比率";
    other_rate: "Rate in the other rows", "其余行的比率";
    corrected_p: "Corrected p-value", "校正 p 值";
    below_small: "below 0.0001", "小于 0.0001";
    // More than two classes.
    classes: "Each class against all others", "各类别对其余类别";
    classes_note: "With more than two classes every class is measured as if it were the positive one and all others negative. The averages over the classes stand with the groups above; the worst class is named in the comparisons there.", "类别多于两个时，依次把每个类别当作阳性、其余类别当作阴性来度量。各类别的平均值列于上文各群体之下；最差的类别见上文的比较。";
    classes_whole: "Each class, whole population", "各类别，全部数据行";
    classes_by: "Each class by {by}", "按 {by} 分组的各类别";
    classes_compared: "Comparisons of each class by {by}", "按 {by} 分组的各类别比较";
    class: "Class", "类别";
    all_rows: "all rows", "全部数据行";
    predicted_of_actual: "predicted classes of those who are “{class}”", "实际为“{class}”者的预测类别";
    // Why the groups differ.
    why: "Why the groups differ", "群体之间为何不同";
    parts_note: "The gap between the selection rate of a group and that of its reference is split into parts that add up to it. Base rates: the groups hold different shares of actual positives. Scores: the scores tell positives from negatives better in one group, even if both are selected on equally strong evidence. Cut: the ROC curves are cut at different places, so that one group is selected on weaker evidence; that comes from scores on different scales, from different thresholds, or from a calibrated score that carries different base rates. A part describes the data; it proves no cause.", "群体与参照群体的入选率之差分解为若干部分，各部分之和等于该差。基础率：两个群体中真实阳性的比例不同。分数：即使入选所需的证据同样强，分数在一个群体中也更能区分阳性与阴性。切分点：两条 ROC 曲线在不同位置切分，使一个群体凭较弱的证据即可入选；其原因可能是分数尺度不同、阈值不同，或经校准的分数带有不同的基础率。各部分只是对数据的描述，不证明因果。";
    parts_caption: "Parts of the gaps between selection rates", "入选率之差的各组成部分";
    pair: "Group and reference", "群体与参照群体";
    gap: "Gap [interval]", "差距 [区间]";
    from_base_rates: "from base rates", "来自基础率";
    from_scores: "from the scores", "来自分数";
    from_cut: "from the cut", "来自切分点";
    not_split: "with the cut: there are no scores", "含切分点：没有分数";
    thresholds_caption: "Thresholds of the score at which a comparison keeps its limit", "使比较符合限值的分数阈值";
    rule: "Comparison and limit", "比较与限值";
    rule_by: "{check} by {by}, {bound}", "按 {by} 分组的{check}，{bound}";
    rule_by_unlimited: "{check} by {by}", "按 {by} 分组的{check}";
    share_of_thresholds: "Share of thresholds", "阈值所占比例";
    passing_ranges: "Thresholds that keep it", "符合限值的阈值";
    best_passing: "Most accurate of them", "其中最准确者";
    range_of_thresholds: "above {above} up to {up_to} (accuracy {accuracy})", "大于 {above} 至 {up_to}（准确率 {accuracy}）";
    no_threshold: "none", "无";
    more_ranges: "and {more} more ranges in assessment.json", "另有 {more} 段，见 assessment.json";
    best_of_all: "of all thresholds: {range}", "全部阈值中：{range}";
    labels_note: "Group labels can be wrong. The smallest share of wrong labels that would close a gap, and the gaps that a given share could hide, are exact worst cases over all ways to be wrong.", "群体标签可能有误。能使差距消失的最小错误标签比例，以及给定错误比例下差距可能的范围，均为所有出错方式中的精确最坏情形。";
    labels_caption: "What wrong group labels could hide", "错误的群体标签可能掩盖的差距";
    closes_at: "Wrong labels that close the gap", "使差距消失的错误标签比例";
    gap_if_wrong: "Gap with {share} wrong", "{share} 标签有误时的差距";
    from_to: "{low} to {high}", "{low} 至 {high}";
    // Charts.
    heat_axes: "{check}: {rows} (rows) by {columns} (columns)", "{check}：行为 {rows}，列为 {columns}";
    heat_title: "By {by}, the selection rate goes from {low} ({low_group}) to {high} ({high_group}).", "按 {by} 分组，入选率从 {low}（{low_group}）到 {high}（{high_group}）。";
    heat_how: "Each cell is a group, with its selection rate and its number of rows; a stronger shade is a higher rate. Hatched cells have too few rows for a rate.", "每格是一个群体，标有入选率与行数；颜色越深，比率越高。斜线格的行数不足以计算比率。";
    heat_hatched: "too few rows for a rate", "行数不足，不计算比率";
    scores_title: "By {by}, the ROC curves lie up to {roc} apart, and in a tenth of the scores a group's share of positives is up to {reliability} away from its mean score.", "按 {by} 分组，各 ROC 曲线最多相距 {roc}；在某一分数段内，某群体的阳性比例与平均分数最多相差 {reliability}。";
    scores_how: "Left the ROC curve of each group: a higher curve tells positives from negatives better. Right the share of actual positives over the mean score, in tenths of the scores: on the diagonal a score means what it says, above it the score is too low for that group, below it too high.", "左为各群体的 ROC 曲线：曲线越高，区分能力越强。右为各分数段中真实阳性的比例与平均分数：在对角线上，分数名副其实；在其上方，对该群体而言分数偏低；在其下方，分数偏高。";
    largest_groups: "The {shown} largest of {all} groups are drawn.", "只绘出 {all} 个群体中最大的 {shown} 个。";
    roc_x: "false positive rate", "假阳性率";
    roc_y: "true positive rate", "真阳性率";
    reliability_x: "mean score", "平均分数";
    reliability_y: "share of actual positives", "真实阳性比例";
    diagonals: "left: guessing; right: perfectly calibrated", "左：随机猜测；右：完全校准";
    threshold: "threshold of the score", "分数阈值";
    comparison: "Comparison", "比较";
    sweep_title: "By {by}, {share} of the thresholds keep the limit of the {check} ({bound}); the most accurate of them is {threshold}, with an accuracy of {accuracy}.", "按 {by} 分组，{share} 的阈值使{check}符合限值（{bound}）；其中最准确的是 {threshold}，准确率为 {accuracy}。";
    sweep_title_none: "By {by}, no threshold keeps the limit of the {check} ({bound}).", "按 {by} 分组，没有阈值使{check}符合限值（{bound}）。";
    sweep_how: "Everybody whose score is at least the threshold is selected. Where the first curve is on the right side of the dashed limit, the rule would pass; the second curve is the accuracy there. Both are measured on these rows, so a threshold chosen here has to be tried on others.", "分数不低于阈值者入选。第一条曲线位于虚线限值的符合一侧时，规则即可通过；第二条曲线为此时的准确率。两者都在这些行上测得，据此选定的阈值须在其他数据上验证。";
    sweep_limit: "limit: {check} {bound}", "限值：{check} {bound}";
}
