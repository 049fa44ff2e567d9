//! What ffmpeg tells on its standard error: the time and size of every frame, and complaints.
//!
//! Source: FFmpeg, `libavfilter/vf_showinfo.c`. Its `pts_time` has six digits only, so times are computed from `pts` and
//! the time base, which are exact.

/// One line of ffmpeg's log that matters.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// Seconds per tick from here on.
    TimeBase(f64),
    /// A frame that follows on the pipe. `None` where the stream gives no time.
    Frame { pts: Option<i64>, width: u32, height: u32 },
    /// Something is wrong with the file.
    Complaint(String),
}

pub(super) fn parse(line: &str) -> Option<Line> {
    if line.contains("showinfo") {
        let (_, text) = line.split_once("[info] ")?;
        if let Some(config) = text.strip_prefix("config in time_base: ") {
            let (numerator, denominator) = config.split(',').next()?.trim().split_once('/')?;
            let base = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
            return (base > 0.0 && base.is_finite()).then_some(Line::TimeBase(base));
        }
        if !text.starts_with("n:") {
            return None;
        }
        let (width, height) = field(text, " s:")?.split_once('x')?;
        return Some(Line::Frame {
            pts: field(text, " pts:").and_then(|pts| pts.parse().ok()),
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        });
    }
    let (_, text) = line.split_once("[error] ").or_else(|| line.split_once("[fatal] "))?;
    Some(Line::Complaint(text.trim().to_owned()))
}

/// The word after `name`, with or without blanks between.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(name)?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_versions_are_understood() {
        let old = "[Parsed_showinfo_2 @ 0x55cf] [info] n:   1 pts:    512 pts_time:0.0333333 pos:    25830 fmt:rgb24 \
                   sar:1/1 s:640x480 i:P iskey:0 type:B ";
        assert_eq!(parse(old), Some(Line::Frame { pts: Some(512), width: 640, height: 480 }));
        let new = "[Parsed_showinfo_2 @ 0x55cf] [info] n:  12 pts:NOPTS   pts_time:NOPTS   duration:      1 \
                   duration_time:0.04 fmt:rgb24 cl:left sar:0/1 s:1080x1920 i:P iskey:1 type:I";
        assert_eq!(parse(new), Some(Line::Frame { pts: None, width: 1080, height: 1920 }));
        let base = "[Parsed_showinfo_2 @ 0x55cf] [info] config in time_base: 1/15360, frame_rate: 30/1";
        assert_eq!(parse(base), Some(Line::TimeBase(1.0 / 15360.0)));
        let complaint = "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5597] [error] stream 0, offset 0x24e9f: partial file";
        assert_eq!(parse(complaint), Some(Line::Complaint("stream 0, offset 0x24e9f: partial file".into())));
        for other in [
            "[Parsed_showinfo_2 @ 0x55cf] [info] color_range:pc color_space:gbr color_primaries:unknown",
            "[Parsed_showinfo_2 @ 0x55cf] [info] config out time_base: 0/0, frame_rate: 0/0",
            "[info] Stream mapping:",
            "",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
