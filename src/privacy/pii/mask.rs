//! Shapes of personal data, for evidence. What identifies is never kept.

/// The shape of `text`, a hit of kind `label`: enough to recognise the format in the source, not
/// enough to read the value. Resident numbers keep province and city and the last four signs, cards
/// the last four digits, mail addresses the first letter and the top level, the others punctuation
/// only.
pub(crate) fn mask(label: &str, text: &str) -> String {
    match label {
        "EMAIL" => email(text),
        "CN_RESIDENT_ID" => keep(text, 4, 4),
        "CREDIT_CARD" => keep(text, 0, 4),
        "IBAN" => keep(text, 2, 2),
        "PHONE" if text.starts_with('+') => keep(text, 2, 0),
        _ => keep(text, 0, 0),
    }
}

fn email(text: &str) -> String {
    let first = text.chars().next().unwrap_or('*');
    let top = text.rsplit(['.', '．']).next().unwrap_or("");
    format!("{first}***@***.{top}")
}

/// Stars for all letters and digits but the first `head` and the last `tail`.
fn keep(text: &str, head: usize, tail: usize) -> String {
    let signs = text.chars().filter(|c| c.is_alphanumeric()).count();
    let mut seen = 0;
    let hide = |c: char| {
        if !c.is_alphanumeric() {
            return c;
        }
        seen += 1;
        if seen <= head || seen + tail > signs { c } else { '*' }
    };
    text.chars().map(hide).collect()
}

/// `text` with every hit in it masked: for names of columns and places that hold personal data.
pub(crate) fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut here = 0;
    for hit in super::scan_text(text) {
        out.push_str(&text[here..hit.start]);
        out.push_str(&mask(hit.label, &text[hit.start..hit.end]));
        here = hit.end;
    }
    out.push_str(&text[here..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_remains() {
        assert_eq!(mask("CN_RESIDENT_ID", "11010519491231411X"), "1101**********411X");
        assert_eq!(mask("EMAIL", "jo.doe@uni-hosp.org"), "j***@***.org");
        assert_eq!(mask("CREDIT_CARD", "5599-2350-9920-7381"), "****-****-****-7381");
        assert_eq!(mask("IBAN", "DE89 3704 0044 0532 0130 00"), "DE** **** **** **** **** 00");
        assert_eq!(mask("PHONE", "+49 (0) 8240 863908"), "+49 (*) **** ******");
        assert_eq!(mask("PHONE", "13812345678"), "***********");
        assert_eq!(mask("US_SSN", "125-17-4954"), "***-**-****");
        assert_eq!(mask("IP", "8.48.76.17"), "*.**.**.**");
    }

    #[test]
    fn names_lose_what_identifies() {
        assert_eq!(redact("scan_jo@web.de"), "s***@***.de");
        assert_eq!(redact("age"), "age");
    }
}
