//! `manifest.json`: what the files of a report folder must be.

use super::Artifact;
use super::json::pretty;
use crate::domain::{InputFile, Provenance, digest_hex};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Manifest<'a> {
    schema: u64,
    config_sha256: &'a str,
    data_sha256: &'a str,
    model_sha256: Option<&'a str>,
    files: BTreeMap<&'a str, String>,
    inputs: &'a [InputFile],
}

/// The manifest of a report folder: SHA-256 of every artifact by path, of every input, of the
/// configuration, the audited rows and the weights. It does not list itself.
#[must_use]
pub fn manifest(artifacts: &[Artifact], provenance: &Provenance) -> Artifact {
    let manifest = Manifest {
        schema: 1,
        config_sha256: &provenance.config_sha256,
        data_sha256: &provenance.data_sha256,
        model_sha256: provenance.model_sha256.as_deref(),
        files: artifacts.iter().map(|a| (a.path.as_str(), digest_hex(&a.bytes))).collect(),
        inputs: &provenance.inputs,
    };
    let text = pretty(&manifest).unwrap_or_else(|_| unreachable!("a manifest is made of strings"));
    Artifact::text("manifest.json", text)
}
