//! Scalar functions of the reference's appendix E that work in `{fn …}`, and the masks that announce them.

/// The SQLGetInfo id that a function's bit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Group {
    Numeric = 49,
    String = 50,
    System = 51,
    Timedate = 52,
}

/// One function: where its bit is, and its name in `{fn …}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scalar {
    pub group: Group,
    pub bit: u32,
    pub name: &'static str,
}

const fn scalar(group: Group, bit: u32, name: &'static str) -> Scalar {
    Scalar {
        group,
        bit: 1 << bit,
        name,
    }
}

use Group::*;

/// LOCATE has a bit for its three-argument form and one (LOCATE_2) for the other.
pub const SCALARS: &[Scalar] = &[
    scalar(Numeric, 0, "ABS"),
    scalar(Numeric, 1, "ACOS"),
    scalar(Numeric, 2, "ASIN"),
    scalar(Numeric, 3, "ATAN"),
    scalar(Numeric, 4, "ATAN2"),
    scalar(Numeric, 5, "CEILING"),
    scalar(Numeric, 6, "COS"),
    scalar(Numeric, 7, "COT"),
    scalar(Numeric, 8, "EXP"),
    scalar(Numeric, 9, "FLOOR"),
    scalar(Numeric, 10, "LOG"),
    scalar(Numeric, 11, "MOD"),
    scalar(Numeric, 12, "SIGN"),
    scalar(Numeric, 13, "SIN"),
    scalar(Numeric, 14, "SQRT"),
    scalar(Numeric, 15, "TAN"),
    scalar(Numeric, 16, "PI"),
    scalar(Numeric, 17, "RAND"),
    scalar(Numeric, 18, "DEGREES"),
    scalar(Numeric, 19, "LOG10"),
    scalar(Numeric, 20, "POWER"),
    scalar(Numeric, 21, "RADIANS"),
    scalar(Numeric, 22, "ROUND"),
    scalar(Numeric, 23, "TRUNCATE"),
    scalar(String, 0, "CONCAT"),
    scalar(String, 1, "INSERT"),
    scalar(String, 2, "LEFT"),
    scalar(String, 3, "LTRIM"),
    scalar(String, 4, "LENGTH"),
    scalar(String, 5, "LOCATE"),
    scalar(String, 6, "LCASE"),
    scalar(String, 7, "REPEAT"),
    scalar(String, 8, "REPLACE"),
    scalar(String, 9, "RIGHT"),
    scalar(String, 10, "RTRIM"),
    scalar(String, 11, "SUBSTRING"),
    scalar(String, 12, "UCASE"),
    scalar(String, 13, "ASCII"),
    scalar(String, 14, "CHAR"),
    scalar(String, 15, "DIFFERENCE"),
    scalar(String, 16, "LOCATE"),
    scalar(String, 17, "SOUNDEX"),
    scalar(String, 18, "SPACE"),
    scalar(String, 19, "BIT_LENGTH"),
    scalar(String, 20, "CHAR_LENGTH"),
    scalar(String, 21, "CHARACTER_LENGTH"),
    scalar(String, 22, "OCTET_LENGTH"),
    scalar(String, 23, "POSITION"),
    scalar(System, 0, "USER"),
    scalar(System, 1, "DATABASE"),
    scalar(System, 2, "IFNULL"),
    scalar(Timedate, 0, "NOW"),
    scalar(Timedate, 1, "CURDATE"),
    scalar(Timedate, 2, "DAYOFMONTH"),
    scalar(Timedate, 3, "DAYOFWEEK"),
    scalar(Timedate, 4, "DAYOFYEAR"),
    scalar(Timedate, 5, "MONTH"),
    scalar(Timedate, 6, "QUARTER"),
    scalar(Timedate, 7, "WEEK"),
    scalar(Timedate, 8, "YEAR"),
    scalar(Timedate, 9, "CURTIME"),
    scalar(Timedate, 10, "HOUR"),
    scalar(Timedate, 11, "MINUTE"),
    scalar(Timedate, 12, "SECOND"),
    scalar(Timedate, 13, "TIMESTAMPADD"),
    scalar(Timedate, 14, "TIMESTAMPDIFF"),
    scalar(Timedate, 15, "DAYNAME"),
    scalar(Timedate, 16, "MONTHNAME"),
    scalar(Timedate, 17, "CURRENT_DATE"),
    scalar(Timedate, 18, "CURRENT_TIME"),
    scalar(Timedate, 19, "CURRENT_TIMESTAMP"),
    scalar(Timedate, 20, "EXTRACT"),
];

/// Intervals of TIMESTAMPADD and TIMESTAMPDIFF, SQL_TSI_FRAC_SECOND first.
pub const INTERVALS: &[&str] = &[
    "SQL_TSI_FRAC_SECOND",
    "SQL_TSI_SECOND",
    "SQL_TSI_MINUTE",
    "SQL_TSI_HOUR",
    "SQL_TSI_DAY",
    "SQL_TSI_WEEK",
    "SQL_TSI_MONTH",
    "SQL_TSI_QUARTER",
    "SQL_TSI_YEAR",
];

/// The mask of all functions of a group.
pub const fn mask(group: Group) -> u32 {
    let (mut mask, mut at) = (0, 0);
    while at < SCALARS.len() {
        if SCALARS[at].group as u16 == group as u16 {
            mask |= SCALARS[at].bit;
        }
        at += 1;
    }
    mask
}

/// The mask of [`INTERVALS`].
pub const fn intervals() -> u32 {
    (1 << INTERVALS.len()) - 1
}
