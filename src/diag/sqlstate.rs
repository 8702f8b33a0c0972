//! The SQLSTATEs this driver posts, each with its ODBC 2 spelling.

/// One row of the table: ODBC 3's code, ODBC 2's code ("SQLSTATE Mappings" of the reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlState {
    code: &'static str,
    odbc2: &'static str,
}

macro_rules! states {
    ($($name:ident $code:literal $odbc2:literal)*) => {
        impl SqlState {
            $(pub const $name: SqlState = SqlState { code: $code, odbc2: $odbc2 };)*
        }

        /// Every row.
        pub const ALL: &[SqlState] = &[$(SqlState::$name),*];
    };
}

states! {
    GENERAL_WARNING "01000" "01000"
    STRING_TRUNCATED "01004" "01004"
    INVALID_CONNECTION_STRING_ATTRIBUTE "01S00" "01S00"
    ERROR_IN_ROW "01S01" "01S01"
    OPTION_VALUE_CHANGED "01S02" "01S02"
    FETCH_BEFORE_START "01S06" "01S06"
    FRACTION_TRUNCATED "01S07" "01004"
    WRONG_NUMBER_OF_PARAMETERS "07002" "07001"
    NOT_A_CURSOR "07005" "24000"
    RESTRICTED_TYPE "07006" "07006"
    INVALID_DESCRIPTOR_INDEX "07009" "S1002"
    INVALID_DEFAULT_PARAMETER "07S01" "S1000"
    UNABLE_TO_CONNECT "08001" "08001"
    CONNECTION_IN_USE "08002" "08002"
    CONNECTION_NOT_OPEN "08003" "08003"
    TEXT_TRUNCATED "22001" "22001"
    INDICATOR_REQUIRED "22002" "22002"
    OUT_OF_RANGE "22003" "22003"
    INVALID_DATETIME "22007" "22008"
    DATETIME_OVERFLOW "22008" "22008"
    DIVISION_BY_ZERO "22012" "22012"
    INTERVAL_OVERFLOW "22015" "22015"
    INVALID_CHARACTER "22018" "22005"
    INTEGRITY_CONSTRAINT "23000" "23000"
    INVALID_CURSOR_STATE "24000" "24000"
    INVALID_AUTHORIZATION "28000" "28000"
    INVALID_CURSOR_NAME "34000" "34000"
    DUPLICATE_CURSOR_NAME "3C000" "3C000"
    SYNTAX_ERROR_OR_ACCESS "42000" "37000"
    TABLE_NOT_FOUND "42S02" "S0002"
    COLUMN_NOT_FOUND "42S22" "S0022"
    PROGRAM_LIMIT_EXCEEDED "54000" "S1000"
    GENERAL_ERROR "HY000" "S1000"
    OUT_OF_MEMORY "HY001" "S1001"
    INVALID_C_TYPE "HY003" "S1003"
    INVALID_SQL_TYPE "HY004" "S1004"
    UNPREPARED_STATEMENT "HY007" "S1010"
    CANCELLED "HY008" "S1008"
    NULL_POINTER "HY009" "S1009"
    SEQUENCE_ERROR "HY010" "S1010"
    ATTRIBUTE_CANNOT_BE_SET_NOW "HY011" "S1011"
    INVALID_TRANSACTION_OPERATION "HY012" "S1012"
    CANNOT_MODIFY_IRD "HY016" "S1000"
    AUTOMATIC_DESCRIPTOR "HY017" "S1000"
    PIECEWISE_FIXED_LENGTH "HY019" "22003"
    CONCATENATE_NULL "HY020" "22003"
    INCONSISTENT_DESCRIPTOR "HY021" "S1000"
    INVALID_ATTRIBUTE_VALUE "HY024" "S1009"
    INVALID_LENGTH "HY090" "S1090"
    INVALID_DESCRIPTOR_FIELD "HY091" "S1091"
    INVALID_ATTRIBUTE "HY092" "S1092"
    INVALID_FUNCTION_ID "HY095" "S1095"
    INVALID_INFORMATION_TYPE "HY096" "S1096"
    INVALID_COLUMN_TYPE "HY097" "S1097"
    INVALID_SCOPE "HY098" "S1098"
    INVALID_NULLABLE_TYPE "HY099" "S1099"
    INVALID_UNIQUENESS "HY100" "S1100"
    INVALID_ACCURACY "HY101" "S1101"
    INVALID_PRECISION_OR_SCALE "HY104" "S1104"
    INVALID_PARAMETER_TYPE "HY105" "S1105"
    FETCH_TYPE_OUT_OF_RANGE "HY106" "S1106"
    ROW_OUT_OF_RANGE "HY107" "S1107"
    INVALID_CURSOR_POSITION "HY109" "S1109"
    INVALID_COMPLETION "HY110" "S1110"
    INVALID_BOOKMARK "HY111" "S1111"
    NOT_IMPLEMENTED "HYC00" "S1C00"
    TIMED_OUT "HYT00" "S1T00"
    DATA_SOURCE_NOT_FOUND "IM002" "IM002"
    DIALOG_FAILED "IM008" "IM008"
}

impl SqlState {
    pub fn code(self) -> &'static str {
        self.code
    }

    /// As an ODBC 2 application expects it.
    pub fn odbc2(self) -> &'static str {
        self.odbc2
    }

    pub fn is_warning(self) -> bool {
        self.code.starts_with("01")
    }

    /// SQL_DIAG_CLASS_ORIGIN: "ODBC 3.0" for class IM, "ISO 9075" for the others.
    pub fn class_origin(self) -> &'static str {
        if self.code.starts_with("IM") {
            "ODBC 3.0"
        } else {
            "ISO 9075"
        }
    }

    /// SQL_DIAG_SUBCLASS_ORIGIN: the reference lists those that are ODBC's; all with an S in the subclass, HY0xx and above.
    pub fn subclass_origin(self) -> &'static str {
        let (class, subclass) = self.code.split_at(2);
        let odbc = class == "IM"
            || subclass.starts_with('S')
            || (class == "HY" && subclass >= "090")
            || matches!(self.code, "HY095" | "HYC00" | "HYT00" | "HYT01");
        if odbc { "ODBC 3.0" } else { "ISO 9075" }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_five_characters_and_stands_once() {
        let mut seen = HashSet::new();
        for state in ALL {
            for code in [state.code, state.odbc2] {
                assert_eq!(code.len(), 5, "{state:?}");
                assert!(
                    code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
                    "{state:?}"
                );
            }
            assert!(seen.insert(state.code), "{state:?} twice");
        }
    }

    #[test]
    fn odbc2_applications_get_their_own_classes() {
        for state in ALL {
            assert!(
                !state.odbc2.starts_with("HY") && !state.odbc2.starts_with("42"),
                "{state:?}"
            );
        }
    }

    #[test]
    fn origins() {
        assert_eq!(SqlState::TABLE_NOT_FOUND.subclass_origin(), "ODBC 3.0");
        assert_eq!(SqlState::DIVISION_BY_ZERO.subclass_origin(), "ISO 9075");
        assert_eq!(SqlState::DATA_SOURCE_NOT_FOUND.class_origin(), "ODBC 3.0");
        assert_eq!(SqlState::TIMED_OUT.class_origin(), "ISO 9075");
    }
}
