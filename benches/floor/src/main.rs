//! The floor under a scan: the driver's own requests, fetched by reqwest and parsed by serde_json into ignored values.
//!
//! `floor URL` follows the next links of one list and prints rows, seconds and CPU seconds as JSON.

use std::error::Error;
use std::time::Instant;

use serde::de::IgnoredAny;

/// Clock ticks a second in /proc, on every Linux.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(url) = std::env::args().nth(1) else {
        println!("floor: give the URL of a list");
        return Ok(());
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (start, before) = (Instant::now(), cpu_seconds()?);
    let rows = runtime.block_on(read(url))?;
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds()? - before);
    println!("{{\"rows\": {rows}, \"seconds\": {seconds}, \"cpu_seconds\": {cpu}}}");
    Ok(())
}

async fn read(url: String) -> Result<usize, Box<dyn Error>> {
    let client = reqwest::Client::builder().build()?;
    let mut next = Some(url);
    let mut rows = 0;
    while let Some(url) = next.take() {
        let request = client
            .get(url)
            .header("Authorization", "SSWS sim-token")
            .header("Accept", "application/json");
        let answer = request.send().await?.error_for_status()?;
        next = answer
            .headers()
            .get_all("link")
            .iter()
            .filter_map(|link| link.to_str().ok())
            .find_map(next_link);
        rows += serde_json::from_slice::<Vec<IgnoredAny>>(&answer.bytes().await?)?.len();
    }
    Ok(rows)
}

fn next_link(link: &str) -> Option<String> {
    let target = link.strip_suffix("rel=\"next\"")?;
    Some(target.trim_end_matches([' ', ';']).trim_matches(['<', '>']).to_owned())
}

fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name may hold spaces: count behind its closing parenthesis.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks =
        |index: usize| -> Result<f64, Box<dyn Error>> { Ok(fields.get(index).ok_or("no such field")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}
