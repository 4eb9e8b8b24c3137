//! The messages about what attacks on the training data found.

use super::catalogue;

catalogue! {
    LeakWords;
    headline: "The strongest of {attacks} attacks is “{attack}”. Of {base} training rows, an attacker who accepts {alarms} false alarm(s) among {base} other rows finds {found} ({level} limits, for all rates at once: {low} to {high}); guessing would find {alarms}.", "{attacks} 种攻击中最强的是“{attack}”。在 {base} 行训练数据中，攻击者若容许每 {base} 行其他数据误报 {alarms} 行，可认出 {found} 行（对所有误报率同时成立的 {level} 区间：{low} 至 {high}）；随机猜测可认出 {alarms} 行。";
    headline_coarse: "The strongest of {attacks} attacks is “{attack}”, but {n} non-members are too few to show what it finds at few false alarms: no rate below {floor} can be seen.", "{attacks} 种攻击中最强的是“{attack}”，但 {n} 个非成员太少，无法显示低误报率下的情形：低于 {floor} 的误报率不可分辨。";
    floor: "With {n} non-members no rate of false alarms below {floor} can be seen.", "{n} 个非成员不足以分辨低于 {floor} 的误报率。";
    group_gap: "With one threshold for everybody, members are found more often in some groups by {by} than in others: the largest gap is {measured}.", "对所有人用同一阈值时，按 {by} 分组的某些群体中成员更常被认出：最大差距为 {measured}。";
    blind_clear: "Without the model, members cannot be told from non-members: blind AUC {measured}.", "不问模型则分不清成员与非成员：盲基线 AUC 为 {measured}。";
    shifted: "members can be told from non-members without asking the model (blind AUC {measured}): the two kinds of rows differ, and what the attacks found may come from that.", "不问模型即可区分成员与非成员（盲基线 AUC 为 {measured}）：两类数据本身不同，攻击所得可能由此而来。";
    below: "{n} attack(s) are wrong more often than a guess ({attacks}). That points at swapped masks, a turned sign or different data, not at privacy.", "{n} 种攻击比随机猜测还差（{attacks}）。这说明成员标记颠倒、符号相反或数据不同，而不说明隐私良好。";
    gain: "With {models} reference models, “{attack}” has an AUC of {auc}; as many again, for {steps} image-steps, would add about {expected}, and at most {most} if gains do not grow.", "使用 {models} 个参考模型时，“{attack}”的 AUC 为 {auc}；再训练同样多的模型（共学习 {steps} 次图像）约可增加 {expected}，若增益不再增长则至多 {most}。";
    differ: "the audited model is not one more of its shadow models ({gaps}). Attacks that compare with them are off, mostly too weak.", "被审计模型与其影子模型并非同类（{gaps}）。与之比较的攻击不可靠，多半偏弱。";
    warning: "Warning: {text}", "警告：{text}";
    groups: "Who pays for the leak", "泄露由谁承担";
    groups_note: "The strongest attack in each class and group. The first rate uses one threshold for everybody, the last that accuses at most 1 in 100 of all non-members; the second a threshold of the group's own. All findings are in findings.csv.", "最强的攻击在各类别与群体中的结果。第一个比率对所有人用同一阈值，即至多误报百分之一非成员的最后一个阈值；第二个比率用该群体自己的阈值。全部结果见 findings.csv。";
    groups_caption: "What “{attack}” gives away by group", "“{attack}”攻击在各群体中的泄露";
    charts_elsewhere: "The charts of scores, of rows that can be named and of groups are in the folder charts; this page has too many groupings to show them.", "分数、可指认的行与各群体的图表见 charts 文件夹；本页分组过多，不再显示。";
    histogram_title: "Members and non-members share {shared} of the scores of “{attack}”.", "“{attack}”攻击的分数中，成员与非成员重合 {shared}。";
    histogram_how: "Each line is the share of the rows whose score lies in an interval, members and non-members apart. Lines that cover each other mean that the attack learns nothing; what lies to the right of all non-members can be named. The outermost intervals hold everything beyond them.", "每条线为分数落在各区间内的行所占比例，成员与非成员分开。两线重合表示攻击一无所获；位于全部非成员右侧者可被指认。最外侧的区间包含其外的全部分数。";
    histogram_x: "score of the attack, higher = member", "攻击分数（越高越像成员）";
    histogram_y: "share of the rows", "占全部行的比例";
    score_from: "Score from", "分数起点";
    members: "members", "成员";
    others: "non-members", "非成员";
    identifiable_title: "With one false name in twenty on average, “{attack}” names {named} of {n} training rows.", "平均二十个指认中至多一个错误时，“{attack}”攻击可指认 {n} 行训练数据中的 {named} 行。";
    identifiable_how: "How many training rows can be named if so large a share of the names may be false on average. It counts these rows, so there is no interval.", "若平均容许这一比例的指认为误，可指认多少行训练数据。直接计数，因此没有区间。";
    identifiable_x: "share of false names allowed (log axis)", "容许的错误指认比例（对数轴）";
    identifiable_y: "training rows named", "可指认的训练行数";
    guide_rate: "{rate} false names", "错误指认 {rate}";
    group_chart_title: "“{attack}” finds members most often where {group}: {measured}.", "“{attack}”攻击最常认出的成员为 {group}：{measured}。";
    group_chart_how: "Each row is a class or a group. Left, how well the attack tells its members from its non-members; right, the share of its members found with one threshold for everybody. The dot is the measured value, the line through it the interval; n counts members and non-members. Bars begin where guessing would end.", "每行是一个类别或群体。左栏为攻击区分其成员与非成员的能力，右栏为统一阈值下其成员被认出的比例。圆点为测量值，横线为区间，n 为成员与非成员之和。横条从随机猜测所得之处开始。";
    group_chart_auc: "AUC within the group", "群体内 AUC";
    group_chart_tpr: "members found, one threshold", "统一阈值下的成员检出率";
    guide_guessing: "guessing: {value}", "随机猜测：{value}";
    band: "limits of “{attack}” for all rates at once", "“{attack}”攻击对所有误报率同时成立的区间";
    canaries: "Canaries in this training", "本次训练中的金丝雀";
    canary_note: "Canaries are records that were planted into the training or held out, each by its own fair coin, so that whatever tells the two kinds apart was learned from the training. The coins were committed to before it: the SHA-256 of canaries.txt is the digest that the run published first. The canaries are not among the rows that anything else here was measured on, but the weights have learned from those that were planted.", "金丝雀是由公平硬币逐个决定植入训练或留在训练之外的记录，因此凡能区分两者的，必是从训练中学得。硬币结果在训练之前即已承诺：canaries.txt 的 SHA-256 等于运行最先公布的摘要。本报告的其他测量都不含金丝雀，但模型权重学习过被植入的那些。";
    canary_kind: "Kind", "种类";
    canary_inserted: "Planted", "植入数";
    canary_share: "{inserted} of {count}; {share} of {rows} training rows", "{count} 个中的 {inserted} 个；占 {rows} 行训练数据的 {share}";
    canary_commitment: "Digest published before the training", "训练前公布的摘要";
    canary_nonce: "Nonce", "随机数";
    canary_flips: "Coins in order, 1 = planted", "依次的硬币结果（1 表示植入）";
    gaps_caption: "Largest gaps between groups", "群体间的最大差距";
}
