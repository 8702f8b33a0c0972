"""The differential test: generated questions about one org, answered by the driver and by DuckDB over okta-sim's truth."""
