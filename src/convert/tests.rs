//! Cases of tests/data/conversions.txt, and what no line can say.
