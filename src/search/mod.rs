//! Query language, index, ranking.
