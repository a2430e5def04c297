//! A page with links to the reports of many nights. It needs no script, and loads nothing.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::markup::{counted, escape, text};

const STYLE: &str = ":root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid GrayText; padding: .4rem .8rem .4rem 0; text-align: left; vertical-align: top; }
th { white-space: nowrap; }
ul { list-style: none; margin: 0; padding: 0; }
@media (max-width: 40rem) { thead { display: none; } tr, th, td { display: block; border: 0; padding: .1rem 0; } tr { border-bottom: 1px solid GrayText; padding: .5rem 0; } }
";

/// What the page of an earlier run contains.
pub const INDEX_MARK: &str = "<meta name=\"generator\" content=\"rolecall index\">";

/// How many links are shown without opening a list.
const SHOWN: usize = 10;

/// In paths, slashes and harmless characters stay as they are; a colon does not, so that no name is
/// taken for a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_');

/// The reports of a night.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexedNight {
    /// Its name: a date, or a folder.
    pub name: String,
    /// Reports for people: paths relative to the page.
    pub pages: Vec<String>,
    /// Reports for programs: paths relative to the page.
    pub data: Vec<String>,
}

/// Writes the page.
pub fn write_index(out: &mut dyn Write, nights: &[IndexedNight]) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    );
    let latest = nights
        .first()
        .and_then(|night| night.pages.first())
        .map(|path| format!("<p>Latest: <a href=\"{}\">{}</a></p>\n", address(path), text(path)));
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         {INDEX_MARK}\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Compliance reports</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Compliance reports</h1>\n{}<table>\n\
         <thead><tr><th scope=\"col\">Night</th><th scope=\"col\">Reports</th><th scope=\"col\">Data</th></tr></thead>\n<tbody>\n",
        latest.unwrap_or_default()
    )?;
    for night in nights {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            text(&night.name),
            links(&night.pages),
            links(&night.data)
        )?;
    }
    out.write_all(b"</tbody>\n</table>\n</main>\n</body>\n</html>\n")
}

fn links(paths: &[String]) -> String {
    if paths.is_empty() {
        return String::new();
    }
    let links: String = paths
        .iter()
        .map(|path| format!("<li><a href=\"{}\">{}</a></li>", address(path), text(path)))
        .collect();
    match paths.len() {
        number if number > SHOWN => {
            let files = counted(number, "file");
            format!("<details><summary>{files}</summary><ul>{links}</ul></details>")
        }
        _ => format!("<ul>{links}</ul>"),
    }
}

/// The address of a file, relative to the page.
fn address(path: &str) -> String {
    escape(&utf8_percent_encode(path, PATH).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(nights: &[IndexedNight]) -> String {
        let mut out = Vec::new();
        write_index(&mut out, nights).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_are_data() {
        let night = IndexedNight {
            name: "<b>\u{202e}".to_owned(),
            pages: vec!["a/<script>alert(1)</script>.html".to_owned()],
            data: vec!["javascript:alert(1).json".to_owned(), "x\" onclick=\"y.json".to_owned()],
        };
        let page = page(&[night]);
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(page.contains("href=\"javascript%3Aalert%281%29.json\""), "{page}");
        assert!(page.contains("href=\"x%22%20onclick%3D%22y.json\""), "{page}");
        assert!(page.contains(">x&quot; onclick=&quot;y.json</a>"), "{page}");
        assert!(page.contains("href=\"a/%3Cscript%3Ealert%281%29%3C/script%3E.html\""), "{page}");
    }

    #[test]
    fn the_newest_page_is_named_first_and_long_lists_are_closed() {
        let many = |number| (0..number).map(|n| format!("n/{n}.json")).collect::<Vec<_>>();
        let night = |number| IndexedNight {
            name: "2026-06-01".to_owned(),
            pages: vec!["n/report.html".to_owned()],
            data: many(number),
        };
        let short = page(&[night(10)]);
        assert!(short.contains("<p>Latest: <a href=\"n/report.html\">"), "{short}");
        assert!(!short.contains("<details>"), "{short}");
        assert!(page(&[night(11)]).contains("<summary>11 files</summary>"));
        assert!(!page(&[]).contains("Latest"));
    }
}
