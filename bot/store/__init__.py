"""SQL: one function a query, each takes the connection; none commits or retries."""
