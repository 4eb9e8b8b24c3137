//! The messages about slices and explanations of gaps.

use super::catalogue;

catalogue! {
    FairnessWords;
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
}
