//! Which columns an attacker is likely to know, each with the reason. A suggestion is a question to
//! a person who knows the data; nothing is measured with it unasked.

use super::codes::{count, encode, tally};
use crate::domain::{TextTable, to_f64};

/// What a column seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Names a person on its own; remove it before release.
    Identifier,
    /// Known to outsiders, and identifying together with others.
    Quasi,
    /// Something that must not be learned.
    Sensitive,
    /// Not known by its name, but it tells most rows apart.
    Possible,
    /// Says little about who it is.
    Other,
}

impl Role {
    /// The role in a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::Quasi => "quasi-identifier",
            Self::Sensitive => "sensitive",
            Self::Possible => "possible",
            Self::Other => "other",
        }
    }
}

/// What one column seems to be, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The column.
    pub column: String,
    /// What it seems to be.
    pub role: Role,
    /// Why, as a sentence without its full stop.
    pub because: String,
    /// Distinct values, a missing one included.
    pub distinct: u64,
    /// Share of the pairs of rows that differ in it, 0 to 1; 0 with fewer than two rows.
    pub separation: f64,
}

/// Words of column names. A name of several words has the role of the first list that holds one.
const WORDS: [(Role, &[&str]); 3] = [
    (
        Role::Identifier,
        &[
            "name",
            "surname",
            "firstname",
            "lastname",
            "fullname",
            "email",
            "mail",
            "phone",
            "mobile",
            "telephone",
            "ssn",
            "passport",
            "address",
            "street",
            "iban",
            "account",
            "username",
            "姓名",
            "身份证",
            "手机",
            "电话",
            "邮箱",
            "地址",
            "护照",
        ],
    ),
    (
        Role::Quasi,
        &[
            "age",
            "sex",
            "gender",
            "birth",
            "birthday",
            "birthdate",
            "birthyear",
            "dob",
            "zip",
            "zipcode",
            "postcode",
            "postal",
            "city",
            "town",
            "district",
            "county",
            "state",
            "province",
            "region",
            "country",
            "nationality",
            "native",
            "citizenship",
            "race",
            "ethnic",
            "ethnicity",
            "marital",
            "relationship",
            "education",
            "degree",
            "occupation",
            "job",
            "profession",
            "workclass",
            "employer",
            "school",
            "teacher",
            "language",
            "height",
            "weight",
            "admission",
            "性别",
            "年龄",
            "出生",
            "生日",
            "邮编",
            "城市",
            "省",
            "地区",
            "民族",
            "国籍",
            "籍贯",
            "婚姻",
            "学历",
            "教育",
            "职业",
            "单位",
        ],
    ),
    (
        Role::Sensitive,
        &[
            "disease",
            "diagnosis",
            "condition",
            "illness",
            "medication",
            "drug",
            "hiv",
            "salary",
            "income",
            "wage",
            "credit",
            "debt",
            "religion",
            "political",
            "party",
            "score",
            "grade",
            "疾病",
            "诊断",
            "病",
            "药",
            "工资",
            "收入",
            "薪",
            "宗教",
            "政治",
            "成绩",
        ],
    ),
];

/// Share of distinct values from which a column is taken to name its rows.
const NAMING: f64 = 0.95;
/// Fewest rows for which that share means something.
const ENOUGH: u64 = 20;
/// Share of pairs told apart from which a column of any name is worth a question.
const TELLING: f64 = 0.5;

/// One suggestion per column, in the table's order.
#[must_use]
pub fn suggest(table: &TextTable) -> Vec<Suggestion> {
    table.columns.iter().map(|(name, cells)| column(name, cells)).collect()
}

fn column(name: &str, cells: &[Option<String>]) -> Suggestion {
    let coded = encode(cells.iter());
    let (n, distinct) = (count(cells.len()), count(coded.levels.len()));
    let same: u64 =
        tally(&coded.of, coded.levels.len()).iter().map(|c| c * c.saturating_sub(1)).sum();
    let separation = if n < 2 { 0.0 } else { 1.0 - to_f64(same) / (to_f64(n) * to_f64(n - 1)) };
    // A measurement with decimals differs from row to row without naming anybody.
    let measured =
        coded.levels.iter().any(|text| text.contains('.') && text.parse::<f64>().is_ok());
    let naming = n >= ENOUGH && to_f64(distinct) >= NAMING * to_f64(n) && !measured;
    let (role, because) = if distinct < 2 {
        (Role::Other, "every row has the same value".to_owned())
    } else if let Some((role, word)) = named(name) {
        (role, reason(role, word))
    } else if naming {
        (Role::Identifier, format!("{distinct} of {n} rows have a value of their own"))
    } else if separation >= TELLING && !measured {
        let share = (separation * 100.0).round();
        (
            Role::Possible,
            format!("it tells {share} % of all pairs of rows apart; can an outsider know it?"),
        )
    } else {
        (Role::Other, "it tells few rows apart, or is a measurement".to_owned())
    };
    Suggestion { column: name.to_owned(), role, because, distinct, separation }
}

fn reason(role: Role, word: &str) -> String {
    match role {
        Role::Identifier => format!("`{word}` names a person; remove the column before release"),
        Role::Sensitive => format!("`{word}` is what must not be learned"),
        _ => format!("`{word}` is commonly known to outsiders"),
    }
}

/// The role of a name and the word that shows it.
fn named(name: &str) -> Option<(Role, &'static str)> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let holds = |word: &&'static str| {
        if word.is_ascii() { words.contains(word) } else { lower.contains(*word) }
    };
    WORDS.iter().find_map(|(role, list)| Some((*role, list.iter().copied().find(holds)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str, cells: &[String]) -> (Role, String) {
        let cells: Vec<Option<String>> = cells.iter().cloned().map(Some).collect();
        let made = column(name, &cells);
        (made.role, made.because)
    }

    #[test]
    fn names_and_values_each_give_a_reason() {
        let numbers: Vec<String> = (0..40).map(|i| i.to_string()).collect();
        let halves: Vec<String> = (0..40).map(|i| (i % 4).to_string()).collect();
        let measured: Vec<String> = (0..40).map(|i| format!("{i}.5")).collect();
        let same = vec!["x".to_owned(); 40];
        assert_eq!(role("native-country", &halves).0, Role::Quasi);
        assert_eq!(role("出生年月", &halves).0, Role::Quasi);
        assert_eq!(role("Last_Name", &halves).0, Role::Identifier);
        assert_eq!(role("salary-class", &halves).0, Role::Sensitive);
        assert_eq!(role("row", &numbers).0, Role::Identifier);
        assert_eq!(role("temperature", &measured).0, Role::Other);
        assert_eq!(role("age", &same), (Role::Other, "every row has the same value".to_owned()));
        // 40 rows, four values of ten rows: 1 − 4·10·9/(40·39) = 0.77.
        let (possible, because) = role("wing", &halves);
        assert_eq!(possible, Role::Possible);
        assert!(because.starts_with("it tells 77 %"), "{because}");
        // `page` is not `age`.
        assert_eq!(role("page", &same).0, Role::Other);
    }
}
