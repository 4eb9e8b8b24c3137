//! The one place that looks at the clock.

use crate::model::Moment;
use chrono::{DateTime, Utc};
use cpu_time::ProcessTime;

/// Now, in UTC; `SOURCE_DATE_EPOCH` (seconds since 1970) stands in for the clock, as reproducible
/// builds expect.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
fn now() -> DateTime<Utc> {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse::<i64>().ok());
    let fixed = fixed.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    fixed.unwrap_or_else(|| DateTime::<Utc>::from(std::time::SystemTime::now()))
}

/// Time since a moment, for the story and for `audit bench` only.
#[derive(Debug)]
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub(crate) fn started() -> Self {
        Self(std::time::Instant::now())
    }

    /// Seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    /// Seconds, and seconds of the processor.
    pub(crate) fn moment(&self) -> Moment {
        let cpu = ProcessTime::try_now().ok().map(|time| time.as_duration().as_secs_f64());
        Moment { wall: self.seconds(), cpu }
    }
}

/// RFC 3339, to the second.
pub(crate) fn started() -> String {
    now().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    now().format("%Y-%m-%d").to_string()
}
