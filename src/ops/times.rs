//! Times of the chain as people and programs read them.

use jiff::Timestamp;

/// Unix seconds as RFC 3339 in UTC. What is beyond the calendar (year 9999) is shown as its last second.
pub fn rfc3339(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or(Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn seconds_become_utc() {
        assert_eq!(super::rfc3339(1_767_225_600), "2026-01-01T00:00:00Z");
        assert_eq!(super::rfc3339(u64::MAX), "9999-12-30T22:00:00Z");
    }
}
